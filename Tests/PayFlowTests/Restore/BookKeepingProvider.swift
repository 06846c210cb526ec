import PayCore
import PayFlow
import PayTestSupport
import Synchronization

/// A provider that keeps books, and notes each call that uses a number for a second thing.
final class BookKeepingProvider: PaymentProvider {
    struct Trade {
        let request: CreateRequest
        var state = State.unpaid
        var paidAt: Instant?

        enum State { case unpaid, paid, closed }
    }

    struct MadeRefund: Hashable {
        let number: String
        let trade: TradeNumber
        let money: Money
    }

    struct Books {
        var trades: [TradeNumber: Trade] = [:]
        var refunds: [String: MadeRefund] = [:]
        var mistakes: [String] = []
        var notices: [String: ProviderNotice] = [:]
        /// Whether queries are not answered.
        var isSilent = false

        func refunded(_ trade: TradeNumber) -> Int64 {
            refunds.values.filter { $0.trade == trade }.reduce(0) { $0 + $1.money.amount }
        }
    }

    let channel: Channel
    let kind = ProviderKind.sandbox
    let terms: ProviderTerms
    private let clock: any PayClock
    private let state = Mutex(Books())

    init(_ channel: Channel, terms: ProviderTerms, clock: any PayClock) {
        self.channel = channel
        self.terms = terms
        self.clock = clock
    }

    var books: Books { state.withLock { $0 } }

    func answerQueries(_ answers: Bool) { state.withLock { $0.isSilent = !answers } }

    func pause(at now: Instant) -> Duration? { nil }

    func create(_ request: CreateRequest) async -> CreateAnswer {
        state.withLock { books in
            guard let known = books.trades[request.tradeNumber] else {
                books.trades[request.tradeNumber] = Trade(request: request)
                return made("page of \(request.tradeNumber)", serves: [.pc, .h5, .app])
            }
            if known.request.createdAt != request.createdAt {
                books.mistakes.append("trade \(request.tradeNumber) is used twice")
            }
            switch known.state {
            case .unpaid: return made("page of \(request.tradeNumber)", serves: [.pc, .h5, .app])
            case .paid: return .alreadyPaid
            case .closed: return .alreadyClosed
            }
        }
    }

    func query(_ trade: TradeReference) async -> QueryAnswer {
        state.withLock { books in
            if books.isSilent { return .unknown(.unanswered) }
            guard let known = books.trades[trade.number] else { return .noSuchTrade }
            switch known.state {
            case .unpaid: return .unpaid
            case .closed: return .closed
            case .paid: return .paid(receipt(of: trade.number, books))
            }
        }
    }

    func close(_ trade: TradeReference) async -> CloseAnswer {
        state.withLock { books in
            switch books.trades[trade.number]?.state {
            case nil: return .noSuchTrade
            case .paid: return .alreadyPaid
            case .unpaid, .closed:
                books.trades[trade.number]?.state = .closed
                return .accepted
            }
        }
    }

    func refund(_ refund: RefundRequest) async -> RefundAnswer {
        state.withLock { books in
            let made = MadeRefund(number: refund.number, trade: refund.tradeNumber, money: refund.money)
            if let known = books.refunds[refund.number] {
                if known != made { books.mistakes.append("refund \(refund.number) is used twice") }
                return .succeeded()
            }
            let left = yuan.amount - books.refunded(refund.tradeNumber)
            guard refund.money.amount <= left else { return .refused(reason: "MORE_THAN_LEFT") }
            books.refunds[refund.number] = made
            return .succeeded()
        }
    }

    func follow(_ refund: RefundRequest) async -> RefundAnswer {
        state.withLock { $0.refunds[refund.number] == nil ? .noSuchRefund : .succeeded() }
    }

    func findRefund(_ number: String, of trade: TradeReference, payment: TransactionID) async -> ForeignRefundAnswer {
        let now = clock.now()
        return state.withLock { books in
            let found = books.refunds[number].flatMap {
                ForeignRefund(
                    number: number, tradeNumber: $0.trade, transactionID: payment, money: $0.money, refundedAt: now)
            }
            return found.map { .found($0) } ?? .noSuchRefund
        }
    }

    func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        guard let known = state.withLock({ $0.notices[String(decoding: notice.body, as: UTF8.self)] }) else {
            throw .badSignature
        }
        return known
    }

    func reply(to reception: NoticeReception) -> NoticeReply {
        NoticeReply(status: reception == .stored ? 200 : 500, contentType: "text/plain", body: "")
    }

    /// A buyer pays a trade that can still be paid. Returns the notice.
    func buyerPays(_ trade: TradeNumber) -> RawNotice? {
        let now = clock.now()
        return state.withLock { books in
            guard books.trades[trade]?.state == .unpaid else { return nil }
            books.trades[trade]?.state = .paid
            books.trades[trade]?.paidAt = now
            let id = "paid \(trade)"
            books.notices[id] = ProviderNotice(
                id: id, tradeNumber: trade.text, content: .payment(receipt(of: trade, books)))
            return RawNotice(headers: [], body: Array(id.utf8))
        }
    }

    private func receipt(of trade: TradeNumber, _ books: Books) -> Receipt {
        PayFlowTests.receipt(
            of: trade, "tx \(trade)", by: channel, returned: books.refunded(trade) == yuan.amount)
    }
}
