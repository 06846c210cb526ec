public import PayCore

/// What every flow is given, once, by the wiring.
public struct FlowParts: Sendable {
    /// How long a call waits for another process's result before it is told to come back.
    public static let patience = Duration.seconds(2)
    /// How often it looks meanwhile: a provider answers in tenths of a second.
    public static let lookEvery = Duration.milliseconds(50)

    public let ledger: any Ledger
    public let providers: Providers
    public let clock: any PayClock
    public let witness: any Witness
    public let rules: PayRules
    public let repayMode: RepayMode
    public let worker: WorkerID
    /// Where the service is reached from outside, without a slash at the end.
    public let publicURL: @Sendable () -> String
    /// Which channels take new attempts.
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
