public import PayCore

/// The parts of every flow, made once by the wiring.
public struct FlowParts: Sendable {
    /// The longest wait of a call for another process's result. After it, the caller has to retry.
    public static let patience = Duration.seconds(2)
    /// The pause between two looks during that wait: a provider answers in tenths of a second.
    public static let lookEvery = Duration.milliseconds(50)

    let reads: any OrderReads
    let due: any DueWork
    let decisions: any OrderDecisions
    public let providers: Providers
    /// The channels as buyers see them.
    public let channels: ChannelList
    public let clock: any PayClock
    public let observer: any FlowObserver
    public let rules: PayRules
    public let repayMode: RepayMode
    public let worker: WorkerID
    /// The service's public address, without a slash at the end.
    public let publicURL: @Sendable () -> String
    /// The channels that take new attempts.
    public let acceptance: ChannelAcceptance
    /// The processes that share the store, each with its part of the limits of provider calls.
    package let nodes: Int

    /// - Parameter channels: if nil, made of the providers, without titles.
    public init(
        reads: any OrderReads, due: any DueWork, decisions: any OrderDecisions, providers: Providers,
        channels: ChannelList? = nil, clock: any PayClock, observer: any FlowObserver, rules: PayRules,
        repayMode: RepayMode, worker: WorkerID, publicURL: @escaping @Sendable () -> String,
        acceptance: ChannelAcceptance = ChannelAcceptance(), nodes: Int = 1
    ) {
        self.reads = reads
        self.due = due
        self.decisions = decisions
        self.providers = providers
        self.channels = channels ?? ChannelList(providers)
        self.clock = clock
        self.observer = observer
        self.rules = rules
        self.repayMode = repayMode
        self.worker = worker
        self.publicURL = publicURL
        self.acceptance = acceptance
        self.nodes = nodes
    }

    /// The same, with all of the store behind one name.
    public init(
        ledger: any Ledger, providers: Providers, channels: ChannelList? = nil, clock: any PayClock,
        observer: any FlowObserver, rules: PayRules, repayMode: RepayMode, worker: WorkerID,
        publicURL: @escaping @Sendable () -> String, acceptance: ChannelAcceptance = ChannelAcceptance()
    ) {
        self.init(
            reads: ledger, due: ledger, decisions: ledger, providers: providers, channels: channels, clock: clock,
            observer: observer, rules: rules, repayMode: repayMode, worker: worker, publicURL: publicURL,
            acceptance: acceptance)
    }

    func notifyURL(for channel: Channel) -> String { "\(publicURL())/v1/notices/\(channel)" }
}
