public import PayCore
public import PayFlow
import Synchronization
import Testing

/// A provider that answers by a test's script, and records every call. A call without a script line is an issue.
public final class ScriptedProvider: PaymentProvider {
    /// One call to the provider.
    public enum Call: Hashable, Sendable {
        case create(CreateRequest)
        case query(TradeReference)
        case close(TradeReference)
        case refund(RefundRequest)
        case follow(RefundRequest)
        case findRefund(String, TradeNumber)

        public var operation: String {
            switch self {
            case .create: "create"
            case .query: "query"
            case .close: "close"
            case .refund: "refund"
            case .follow: "follow"
            case .findRefund: "find_refund"
            }
        }
    }

    /// The script of one call: it may be held first, and is then answered by `answer`.
    private struct Line<Request, Answer>: Sendable {
        let hold: Hold?
        let answer: @Sendable (Request) -> Answer
    }

    private struct State {
        var calls: [Call] = []
        var creates: [Line<CreateRequest, CreateAnswer>] = []
        var queries: [Line<TradeReference, QueryAnswer>] = []
        var closes: [Line<TradeReference, CloseAnswer>] = []
        var refunds: [RefundAnswer] = []
        var foreignRefunds: [ForeignRefundAnswer] = []
        var standingCreate: (@Sendable (CreateRequest) -> CreateAnswer)?
        var notices: [String: ProviderNotice] = [:]
        var pause: Duration?
        var bills: (any BillSource)?
        var openIDs: (any OpenIDSource)?
        var appIDs: [Terminal: String] = [:]
    }

    public let channel: Channel
    public let kind: ProviderKind
    public let terms: ProviderTerms
    private let state = Mutex(State())

    /// - Parameter kind: if nil, the type that has the channel's name, or the sandbox.
    public init(_ channel: Channel, kind: ProviderKind? = nil, terms: ProviderTerms) {
        self.channel = channel
        self.kind = kind ?? ProviderKind(rawValue: channel.name) ?? .sandbox
        self.terms = terms
    }

    public func pause(at now: Instant) -> Duration? { state.withLock { $0.pause } }

    /// Pauses the provider for this long; nil ends the pause.
    public func isPaused(for pause: Duration?) {
        state.withLock { $0.pause = pause }
    }

    public func appID(for terminal: Terminal) -> String? { state.withLock { $0.appIDs[terminal] } }

    /// Sets the merchant's app of a terminal, as a change of the settings does.
    public func has(appID: String, for terminal: Terminal) {
        state.withLock { $0.appIDs[terminal] = appID }
    }

    public var openIDs: (any OpenIDSource)? { state.withLock { $0.openIDs } }

    /// Gives the provider a source of openids.
    public func has(_ openIDs: any OpenIDSource) {
        state.withLock { $0.openIDs = openIDs }
    }

    public var bills: (any BillSource)? { state.withLock { $0.bills } }

    /// Gives the provider bills.
    public func has(_ bills: any BillSource) {
        state.withLock { $0.bills = bills }
    }

    public var calls: [Call] { state.withLock { $0.calls } }

    /// The names of the calls, in their order.
    public var operations: [String] { calls.map(\.operation) }

    public var creates: [CreateRequest] {
        calls.compactMap { if case .create(let request) = $0 { request } else { nil } }
    }
}

// MARK: The script

extension ScriptedProvider {
    /// Adds these answers to the script, one for each further create.
    public func willCreate(_ answers: CreateAnswer...) {
        state.withLock { state in
            for answer in answers { state.creates.append(Line(hold: nil) { _ in answer }) }
        }
    }

    /// Every create beyond the script gets this answer.
    public func alwaysCreates(_ answer: @escaping @Sendable (CreateRequest) -> CreateAnswer) {
        state.withLock { $0.standingCreate = answer }
    }

    /// The next create is held until the test releases it, and then gets this answer.
    public func willHoldCreate(then answer: CreateAnswer) -> Hold {
        let hold = Hold()
        state.withLock { $0.creates.append(Line(hold: hold) { _ in answer }) }
        return hold
    }

    /// The next create first runs `event`, as if in the middle of the call: time passes, or a notice arrives.
    public func willCreate(_ answer: CreateAnswer, after event: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.creates.append(
                Line(hold: nil) { _ in
                    event()
                    return answer
                })
        }
    }

    public func willQuery(_ answers: QueryAnswer...) {
        state.withLock { state in
            for answer in answers { state.queries.append(Line(hold: nil) { _ in answer }) }
        }
    }

    public func willHoldQuery(then answer: QueryAnswer) -> Hold {
        let hold = Hold()
        state.withLock { $0.queries.append(Line(hold: hold) { _ in answer }) }
        return hold
    }

    public func willClose(_ answers: CloseAnswer...) {
        state.withLock { state in
            for answer in answers { state.closes.append(Line(hold: nil) { _ in answer }) }
        }
    }

    public func willHoldClose(then answer: CloseAnswer) -> Hold {
        let hold = Hold()
        state.withLock { $0.closes.append(Line(hold: hold) { _ in answer }) }
        return hold
    }

    public func willRefund(_ answers: RefundAnswer...) {
        state.withLock { $0.refunds.append(contentsOf: answers) }
    }

    public func willFindRefund(_ answers: ForeignRefundAnswer...) {
        state.withLock { $0.foreignRefunds.append(contentsOf: answers) }
    }

    /// A notice that ``verify(_:at:)`` reads as the given values.
    public func notice(
        _ content: ProviderNotice.Content, about trade: String, id: String, named name: ProviderReference? = nil
    ) -> RawNotice {
        state.withLock { $0.notices[id] = ProviderNotice(id: id, tradeNumber: trade, content: content, about: name) }
        return RawNotice(headers: [], body: Array(id.utf8))
    }

    /// Whether every line of the script was used.
    public var isPlayedOut: Bool {
        state.withLock {
            $0.creates.isEmpty && $0.queries.isEmpty && $0.closes.isEmpty && $0.refunds.isEmpty
                && $0.foreignRefunds.isEmpty
        }
    }
}

// MARK: The calls of the flows

extension ScriptedProvider {
    public func create(_ request: CreateRequest) async -> CreateAnswer {
        let line = state.withLock { state -> Line<CreateRequest, CreateAnswer>? in
            state.calls.append(.create(request))
            if state.creates.isEmpty { return state.standingCreate.map { Line(hold: nil, answer: $0) } }
            return state.creates.removeFirst()
        }
        return await play(line, request, "create \(request.tradeNumber)") ?? .unknown(.answered)
    }

    public func query(_ trade: TradeReference) async -> QueryAnswer {
        let line = state.withLock { state -> Line<TradeReference, QueryAnswer>? in
            state.calls.append(.query(trade))
            return state.queries.isEmpty ? nil : state.queries.removeFirst()
        }
        return await play(line, trade, "query \(trade.number)") ?? .unknown(.answered)
    }

    public func close(_ trade: TradeReference) async -> CloseAnswer {
        let line = state.withLock { state -> Line<TradeReference, CloseAnswer>? in
            state.calls.append(.close(trade))
            return state.closes.isEmpty ? nil : state.closes.removeFirst()
        }
        return await play(line, trade, "close \(trade.number)") ?? .unknown(.answered)
    }

    public func refund(_ refund: RefundRequest) async -> RefundAnswer {
        takeRefund(.refund(refund)) ?? .unknown(.answered)
    }

    public func follow(_ refund: RefundRequest) async -> RefundAnswer {
        takeRefund(.follow(refund)) ?? .unknown(.answered)
    }

    public func findRefund(
        _ number: String, of trade: TradeReference, payment: TransactionID
    ) async -> ForeignRefundAnswer {
        let answer = state.withLock { state -> ForeignRefundAnswer? in
            state.calls.append(.findRefund(number, trade.number))
            return state.foreignRefunds.isEmpty ? nil : state.foreignRefunds.removeFirst()
        }
        if answer == nil { Issue.record("\(channel) was called without a script: find refund \(number)") }
        return answer ?? .unknown(.answered)
    }

    public func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        let id = String(decoding: notice.body, as: UTF8.self)
        guard let known = state.withLock({ $0.notices[id] }) else { throw .badSignature }
        return known
    }

    public func reply(to reception: NoticeReception) -> NoticeReply {
        switch reception {
        case .stored: NoticeReply(status: 200, contentType: "text/plain", body: "success")
        case .refused: NoticeReply(status: 401, contentType: "text/plain", body: "refused")
        case .notStored: NoticeReply(status: 500, contentType: "text/plain", body: "again")
        }
    }

    private func play<Request: Sendable, Answer: Sendable>(
        _ line: Line<Request, Answer>?, _ request: Request, _ words: String
    ) async -> Answer? {
        guard let line else {
            Issue.record("\(channel) was called without a script: \(words)")
            return nil
        }
        await line.hold?.stop()
        return line.answer(request)
    }

    private func takeRefund(_ call: Call) -> RefundAnswer? {
        let answer = state.withLock { state -> RefundAnswer? in
            state.calls.append(call)
            return state.refunds.isEmpty ? nil : state.refunds.removeFirst()
        }
        if answer == nil { Issue.record("\(channel) was called without a script: \(call.operation)") }
        return answer
    }
}
