public import PayCore

/// A provider's properties, as far as the suite needs them beside the adapter's terms.
public struct ProviderTraits: Sendable {
    /// A call with one fault.
    public struct FaultyCall: Hashable, Sendable {
        public let operation: FakeOperation
        public let fault: FakeFault

        public init(_ operation: FakeOperation, _ fault: FakeFault) {
            self.operation = operation
            self.fault = fault
        }
    }

    /// The terminal of a trade where it does not matter.
    public var terminal = Terminal.pc
    /// A code of three letters.
    public var currency = "CNY"
    /// Whether making a page calls the provider. If not (Alipay's signed pages), the trade begins when the buyer opens
    /// the page, and a wrong request shows only then.
    public var createCalls = true
    /// Whether a trade is in the provider's books as soon as its page was made, before it is opened.
    public var tradeBeginsWithPage = true
    /// The result of a query of a missing trade. (For Stripe, the query creates the session.)
    public var queryOfNone = QueryAnswer.noSuchTrade
    /// The result of a close of a missing trade. (WeChat reportedly accepts it.)
    public var closeOfNone = CloseAnswer.noSuchTrade
    /// Whether a create with changed parameters is refused. (Stripe reports a mistake that decides nothing.)
    public var refusesChanges = true
    /// Whether a refund is first accepted and completed later.
    public var refundsTakeTime = false
    /// Whether the provider may end a refund without moving its money.
    public var refundsCanClose = false
    /// Whether the time of a refund is that of its request. (Stripe tells no other.)
    public var refundTimeIsOfRequest = false
    /// Whether a query reports a refund in part as a full one. (WeChat's state tells only that there was a refund.)
    public var partLooksLikeAll = false
    /// Whether a notice reports a completed full refund. A refund in part is reported by every provider.
    public var noticesTellOfRefunds = false
    /// Whether a refund is reported by a notice of its payment. (Alipay)
    public var paymentNoticesTellOfRefunds = false
    /// Whether a query reports a full refund. (A Stripe session stays paid.)
    public var queriesTellOfRefunds = true
    /// The status of a refund in a bill. (WeChat's bill tells only that a refund was accepted.)
    public var billedRefund = BillLine.Status.succeeded
    /// Whether a bill tells the provider's own number of a refund.
    public var billsNameRefunds = false
    /// Whether a day without money has an empty bill. Otherwise it has none.
    public var emptyDayHasBill = false
    /// The longest age of a notice; nil if there is no limit.
    public var noticeWindow: Duration?
    /// Whether a buyer at the password prompt can finish after the trade was closed.
    public var lateBuyersFinish = false
    /// The faults that the provider can have. Faults that none of its operations can have are left out.
    public var faults = Set(FakeFault.allCases)
    /// The provider's own codes of faults.
    public var codes: [FakeFault: String] = [:]
    /// Outcomes of faults that differ from most providers. Nil skips the case.
    public var exceptions: [FaultyCall: FaultOutcome?] = [:]

    public init() {}
}

/// The adapter's reading of a call with a fault.
public enum FaultOutcome: Hashable, Sendable, CustomStringConvertible {
    /// As without a fault.
    case goesWell
    case refused
    case tooEarly
    case noSuchTrade
    case notSent
    /// With the reason's text.
    case unknown(String, isUnanswered: Bool)
    /// An outcome that no fault may have.
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
    /// The expected outcome of a faulty call; nil if the provider cannot have the fault.
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
        // A refused query says nothing about its subject.
        case (.query, .refused), (.follow, .refused): unknown(.refused)
        case (.create, .refused), (.close, .refused), (.refund, .refused): .refused
        case (.close, .closeTooEarly): .tooEarly
        case (.query, .noSuchTrade), (.close, .noSuchTrade): .noSuchTrade
        case (_, .closeTooEarly), (_, .noSuchTrade): nil
        }
    }
}

extension ProviderTraits {
    /// An error that decides nothing, with the provider's own code if it has one.
    private func unknown(_ fault: FakeFault) -> FaultOutcome {
        .unknown(codes[fault].map { "code:\($0)" } ?? "http_5xx", isUnanswered: false)
    }
}

extension FakeFault {
    /// Whether the call is processed in spite of the fault.
    var isDone: Bool {
        switch self {
        case .lost, .slow, .garbage, .unsigned, .badlySigned: true
        case .timeout, .error, .refused, .unlisted, .lowBalance, .closeTooEarly, .noSuchTrade, .tooOften: false
        }
    }

    /// Whether the caller gets no answer.
    var isSilent: Bool { self == .timeout || self == .lost }
}
