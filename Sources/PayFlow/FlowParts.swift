public import PayCore

/// The dependencies of every flow, set once by the wiring.
public struct FlowParts: Sendable {
    /// How long a call waits for another process's result before it returns a refusal.
    public static let patience = Duration.seconds(2)
    /// How often a waiting call polls: a provider answers in tenths of a second.
    public static let lookEvery = Duration.milliseconds(50)

    public let ledger: any Ledger
    public let providers: Providers
    public let clock: any PayClock
    public let witness: any Witness
    public let rules: PayRules
    public let repayMode: RepayMode
    public let worker: WorkerID
    /// The public address of the service, without a slash at the end.
    public let publicURL: @Sendable () -> String
    /// The channels that accept new attempts.
    public let acceptance: ChannelAcceptance

    public init(
        ledger: any Ledger, providers: Providers, clock: any PayClock, witness: any Witness, rules: PayRules,
        repayMode: RepayMode, worker: WorkerID, publicURL: @escaping @Sendable () -> String,
        acceptance: ChannelAcceptance = ChannelAcceptance()
    ) {
        self.ledger = ledger
        self.providers = providers
        self.clock = clock
        self.witness = witness
        self.rules = rules
        self.repayMode = repayMode
        self.worker = worker
        self.publicURL = publicURL
        self.acceptance = acceptance
    }

    func notifyURL(for channel: Channel) -> String { "\(publicURL())/v1/notices/\(channel)" }
}
