package import FrontDoor
import HTTPTypes
import Metrics
package import NIOCore
package import PayAPI
import PayAccess
import PayCache
import PayCore
import PayFlow
import PayTelemetry

/// Answers hits directly on the connection's event loop: at once, or as soon as the store has proven the page. A page that
/// is not cached is read, if the store can do so without waiting. API keys, tokens, rules, metrics and access log are
/// those of the routes; only the framework's overhead is missing. All other requests pass to the routes.
package struct FastLane: ByteLane {
    private let parts: APIParts
    private let questions: FastQuestions
    private let heads: FastHeads
    private let pageRecord: FastRecord
    private let repayRecord: FastRecord

    package init(_ parts: APIParts) {
        self.parts = parts
        questions = FastQuestions()
        heads = FastHeads(parts)
        pageRecord = FastRecord(method: .get, route: "/v1/payments/{out_trade_no}/page", parts.accessLog)
        repayRecord = FastRecord(method: .post, route: "/v1/payments/{out_trade_no}/repay", parts.accessLog)
    }

    /// In bytes. A request with a longer head passes to the routes; only browsers send one.
    private static let longestHead = 8_192
    /// In bytes. A repay's body has a channel, a terminal and a payer.
    private static let longestBody = 512

    package func answer(_ head: WireHead, in bytes: ByteBuffer) -> LaneAnswer {
        guard head.length <= Self.longestHead, case .length(let length) = head.body,
            let request = FastRequest(head, in: bytes), length <= Self.longestBody(of: request.call)
        else { return .pass }
        guard head.length + length <= bytes.readableBytes else { return .wait }
        let body = length > 0 ? bytes.getSlice(at: bytes.readerIndex + head.length, length: length) : nil
        return answer(request, body, since: ContinuousClock.now)
    }

    private static func longestBody(of call: FastRequest.Call) -> Int {
        switch call {
        case .page: 0
        case .repay: longestBody
        }
    }

    /// - Parameter body: the body of a repay; nil for an empty one.
    package func answer(_ request: FastRequest, _ body: ByteBuffer?, since began: ContinuousClock.Instant)
        -> LaneAnswer
    {
        let now = parts.clock.now()
        // Only the routes verify signatures with a public key, because they rate-limit that.
        guard case .caller(let caller) = parts.callers.quickCaller(authorization: request.authorization, at: now),
            let variant = variant(request, body)
        else { return .pass }
        switch parts.cache.find(request.number, variant) {
        case .none:
            return storedPage(request, variant, caller, at: now, since: began).map(LaneAnswer.answer) ?? .pass
        case .current(let page):
            return response(page, request, variant, caller, at: now, since: began).map(LaneAnswer.answer) ?? .pass
        case .unproven(let page, let mark):
            guard mayServe(page, request, caller, at: now) else { return .pass }
            return .later(
                LaterAnswer(
                    ask: { [cache = parts.cache] in cache.prove(page, mark, $0) },
                    answer: { response(page, request, variant, caller, at: parts.clock.now(), since: began) }))
        }
    }

    /// The response with a page that is not cached, if the store finds it without waiting. The connection's other requests
    /// wait for a read of some microseconds.
    private func storedPage(
        _ request: FastRequest, _ variant: PageVariant, _ caller: Caller, at now: Instant,
        since began: ContinuousClock.Instant
    ) -> ByteBuffer? {
        let ticket = parts.cacheTicket(for: request.number)
        guard let live = parts.ledger.livePageAtOnce(for: LivePageQuery(number: request.number, variant), at: now)
        else { return nil }
        let page = parts.ready(live.order, live.served)
        guard mayServe(page, request, caller, at: now) else { return nil }
        if let ticket { parts.cache.put(page, variant, version: live.version, ticket) }
        return response(page, request, variant, caller, at: now, since: began)
    }

    /// The requested variant. Nil if the routes have to answer.
    private func variant(_ request: FastRequest, _ body: ByteBuffer?) -> PageVariant? {
        switch request.call {
        case .page: return questions.variant(query: request.query)
        case .repay:
            guard parts.pay.handsOutStoredPages, request.query.isEmpty else { return nil }
            return questions.variant(body: body, contentType: request.contentType)
        }
    }

    /// Whether the page is live, in the requested form, and of an order that the caller may read.
    private func mayServe(_ page: ReadyPage, _ request: FastRequest, _ caller: Caller, at now: Instant) -> Bool {
        guard now < page.expiresAt, caller.mayBeTold(of: request.number, ownedBy: page.owner) else { return false }
        return switch request.call {
        case .page: [nil, "*/*", Representation.natural(for: page.kind).rawValue].contains(request.accept)
        case .repay: now < parts.rules.deadlines.cutOff(of: page.deadline)
        }
    }

    /// The whole response, head and body. Nil if the routes have to answer.
    private func response(
        _ page: ReadyPage, _ request: FastRequest, _ variant: PageVariant, _ caller: Caller, at now: Instant,
        since began: ContinuousClock.Instant
    ) -> ByteBuffer? {
        guard mayServe(page, request, caller, at: now) else { return nil }
        let id = request.requestID ?? RequestIdentifier()
        switch request.call {
        case .page:
            let form = Representation.natural(for: page.kind)
            let head = heads.page(page, as: form, length: page.content.count, id, at: now)
            pageRecord.note(id, since: began)
            return ByteBuffer(head, page.content)
        case .repay:
            let json = page.paymentJSON(for: variant.terminal, publicURL: parts.rules.publicURL(), at: now)
            let head = heads.payment(page, length: json.count, id, at: now)
            parts.pay.handedOutStoredPage()
            repayRecord.note(id, since: began)
            return ByteBuffer(head, json)
        }
    }
}

extension ByteBuffer {
    /// A whole response.
    fileprivate init(_ head: [UInt8], _ body: some Collection<UInt8>) {
        self.init()
        reserveCapacity(head.count + body.count)
        writeBytes(head)
        writeBytes(body)
    }
}

/// The metric and the access log line of one kind of response.
private struct FastRecord {
    private let log: AccessLog
    private let kind: AccessLog.Kind
    private let durations: Recorder

    init(method: HTTPRequest.Method, route: String, _ log: AccessLog) {
        let answered = AnsweredRequest(
            id: RequestIdentifier(), method: method.rawValue, route: route, status: HTTPResponse.Status.ok.code,
            took: .zero)
        self.log = log
        kind = log.kind(method: answered.method, route: route, status: answered.status)
        durations = answered.recorder
    }

    func note(_ id: RequestIdentifier, since began: ContinuousClock.Instant) {
        let took = ContinuousClock.now - began
        durations.record(took.seconds)
        log.tell(kind, id, took: took)
    }
}
