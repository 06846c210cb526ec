public import PayCore

/// What a provider is like, as far as the suite has to know it beside the adapter's own terms.
public struct ProviderTraits: Sendable {
    /// A call that goes wrong in one way.
    public struct FaultyCall: Hashable, Sendable {
        public let operation: FakeOperation
        public let fault: FakeFault

        public init(_ operation: FakeOperation, _ fault: FakeFault) {
            self.operation = operation
            self.fault = fault
        }
    }

    /// The terminal that a trade is made for where the terminal doesn't matter.
    public var terminal = Terminal.pc
    /// A code of three letters.
    public var currency = "CNY"
    /// Whether making a page asks the provider. Where it doesn't (Alipay's signed pages), the trade comes into being
    /// when the buyer opens the page, and a wrong request shows there.
    public var createCalls = true
    /// Whether a trade is in the provider's books as soon as its page was made, and not only when that is opened.
    public var tradeBeginsWithPage = true
    /// What a query of a trade that isn't there comes to (Stripe can't be asked for one without beginning it).
    public var queryOfNone = QueryAnswer.noSuchTrade
    /// What a close of a trade that isn't there comes to (WeChat is said to accept it).
    public var closeOfNone = CloseAnswer.noSuchTrade
    /// Whether a create whose particulars changed is refused, or (Stripe) said to be a mistake that decides nothing.
    public var refusesChanges = true
    /// Whether a refund is taken on first, and done later.
    public var refundsTakeTime = false
    /// Whether a refund that went through is told of by a notice.
    public var noticesTellOfRefunds = false
    /// Whether a query says that a payment has been refunded in full (a Stripe session stays paid).
    public var queriesTellOfRefunds = true
    /// How old a notice may be; nil where any is believed.
    public var noticeWindow: Duration?
    /// Whether a buyer who was at the password prompt may finish after the trade was closed.
    public var lateBuyersFinish = false
    /// The faults that the provider can have at all. Those that no operation of it knows are left out.
    public var faults = Set(FakeFault.allCases)
    /// The provider's own codes, for the faults that have one.
    public var codes: [FakeFault: String] = [:]
    /// Where a call that goes wrong comes to something else than at most providers. Nil leaves it out.
    public var exceptions: [FaultyCall: FaultOutcome?] = [:]

    public init() {}
}

/// What an adapter makes of a call that goes wrong.
public enum FaultOutcome: Hashable, Sendable, CustomStringConvertible {
    /// As if nothing had been wrong.
    case goesWell
    case refused
    case tooEarly
    case noSuchTrade
    case notSent
    /// With the reason's text.
    case unknown(String, isUnanswered: Bool)
    /// Something that no fault may come to.
    case other

    public var description: String {
        switch self {
        case .goesWell: "what it always comes to"
        case .refused: "a refusal"
        case .tooEarly: "a close that came too early"
        case .noSuchTrade: "no such trade"
        case .notSent: "a call that was not sent"
        case .unknown(let reason, isUnanswered: false): "unknown (\(reason)), and over"
        case .unknown(let reason, isUnanswered: true): "unknown (\(reason)), and may still land"
        case .other: "something else"
        }
    }
}

extension ProviderTraits {
    /// What is to come of a call that goes wrong; nil where that can't happen at this provider.
    public func outcome(of call: FaultyCall) -> FaultOutcome? {
        guard faults.contains(call.fault) else { return nil }
        if call.operation == .create, !createCalls { return nil }
        if let exception = exceptions[call] { return exception }
        return switch (call.operation, call.fault) {
        case (_, .timeout), (_, .lost): .unknown("timeout", isUnanswered: true)
        case (_, .garbage): .unknown("unreadable", isUnanswered: false)
        case (_, .unsigned), (_, .badlySigned): .unknown("signature", isUnanswered: false)
        case (_, .error), (_, .tooOften), (_, .unlisted), (.refund, .lowBalance): unknown(call.fault)
        case (_, .lowBalance): nil
        case (_, .slow): .goesWell
        // A question that is refused says nothing of what was asked about.
        case (.query, .refused), (.follow, .refused): unknown(.refused)
        case (.create, .refused), (.close, .refused), (.refund, .refused): .refused
        case (.close, .closeTooEarly): .tooEarly
        case (.query, .noSuchTrade), (.close, .noSuchTrade): .noSuchTrade
        case (_, .closeTooEarly), (_, .noSuchTrade): nil
        }
    }
}

extension ProviderTraits {
    /// An error that decides nothing, by the provider's own code where it has one.
    private func unknown(_ fault: FakeFault) -> FaultOutcome {
        .unknown(codes[fault].map { "code:\($0)" } ?? "http_5xx", isUnanswered: false)
    }
}

extension FakeFault {
    /// Whether what was asked is done all the same.
    var isDone: Bool {
        switch self {
        case .lost, .slow, .garbage, .unsigned, .badlySigned: true
        case .timeout, .error, .refused, .unlisted, .lowBalance, .closeTooEarly, .noSuchTrade, .tooOften: false
        }
    }

    /// Whether the caller hears nothing.
    var isSilent: Bool { self == .timeout || self == .lost }
}
