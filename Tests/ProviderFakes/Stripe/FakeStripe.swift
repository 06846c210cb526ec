public import PayCore
public import PayFlow
import Synchronization

/// A fake of Stripe's Checkout, as far as Paypage uses it: sessions, refunds, Idempotency-Keys and signed events.
///
/// It is stricter than Stripe to reveal bugs of ours: it refuses calls without a `Stripe-Version` or with unknown
/// parameters. Replies are not signed, so ``FakeFault/unsigned`` and ``FakeFault/badlySigned`` have no effect. No close
/// is too early, so ``FakeFault/closeTooEarly`` is an ordinary refusal.
public final class FakeStripe: ProviderFake {
    public let secretKey: String
    public let webhookSecret: String

    private let server = FakeServer()
    private let faults = FakeFaultList()
    private let counted = Mutex<[FakeOperation: Int]>([:])
    let books: FakeStripeBooks
    let clock: any PayClock

    public init(
        secretKey: String = "sk_test_fake", webhookSecret: String = "whsec_fake_secret", clock: any PayClock
    ) {
        self.secretKey = secretKey
        self.webhookSecret = webhookSecret
        self.clock = clock
        books = FakeStripeBooks(isLive: !secretKey.hasPrefix("sk_test_"))
    }

    public var baseURL: String { server.baseURL }

    /// Every request, oldest first.
    public var requests: [FakeRequest] { server.requests }

    public func start() async throws {
        try await server.start { [self] request in await respond(to: request) }
    }

    public func stop() async { await server.stop() }

    public func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int) {
        faults.arm(fault, on: operation, times: times)
    }

    public func calls(_ operation: FakeOperation) -> Int { counted.withLock { $0[operation, default: 0] } }

    /// The next create or refund fails in the middle. The 500 is stored under its key and replayed for a day.
    public func willStoreError() { books.update { $0.storesNextError = true } }

    /// From now on, refunds are pending until ``finishRefund(_:)``.
    public func takeTimeOverRefunds() { books.update { $0.refundsTakeTime = true } }

    /// Simulates a concurrent request with that key, or ends it.
    public func setInFlight(_ key: String, _ isInFlight: Bool) {
        books.update { state in
            if isInFlight { state.inFlight.insert(key) } else { state.inFlight.remove(key) }
        }
    }

    public func open(_ page: ProviderPage, terminal: Terminal) async throws {
        let base = baseURL
        let now = clock.now()
        let isOpen = books.update { state in
            state.sessions.contains { $0.status(at: now) == .open && "\(base)\($0.path)" == page.content }
        }
        guard isOpen, page.kind == .redirect else { throw FakeProblem("no open session has that page") }
    }

    public func pay(_ tradeNumber: String) async throws -> String {
        try finish(tradeNumber, paid: true)
    }

    /// The buyer finishes with a delayed payment method, whose money may come later.
    public func payLater(_ tradeNumber: String) throws {
        _ = try finish(tradeNumber, paid: false)
    }

    /// The money of a delayed payment method arrives.
    public func moneyCame(_ tradeNumber: String) throws {
        let now = clock.now()
        let found = books.update { state in
            state.changeSession({ $0.number == tradeNumber && $0.isComplete }, { $0.paidAt = now })
        }
        guard found != nil else { throw FakeProblem("no session waits for a delayed payment") }
    }

    public func trade(_ number: String) -> FakeTrade? { trades.last { $0.number == number } }

    /// One entry per session. Stripe creates any number of sessions for one trade number.
    public var trades: [FakeTrade] {
        let now = clock.now()
        return books.update { state in state.sessions.map { state.trade($0, at: now) } }
    }

    public func finishRefund(_ refundNumber: String) throws { try setRefund(refundNumber, "succeeded") }

    /// A refund fails, also after it succeeded: the bank sends the money back.
    public func failRefund(_ refundNumber: String) throws { try setRefund(refundNumber, "failed") }

    public func closeRefund(_ refundNumber: String) throws { try failRefund(refundNumber) }

    public func refundInConsole(_ tradeNumber: String, amount: Int64) throws -> String {
        let now = clock.now()
        let id = books.update { state -> String? in
            guard let session = state.sessions.last(where: { $0.number == tradeNumber && $0.paidAt != nil }),
                let payment = session.paymentIntent, amount <= session.amount - state.refunded(payment)
            else { return nil }
            let refund = FakeStripeRefund(
                id: "re_\(state.nextNumber())", payment: payment, amount: amount, currency: session.currency,
                number: nil, createdAt: now, status: state.refundsTakeTime ? "pending" : "succeeded")
            state.refunds.append(refund)
            return refund.id
        }
        guard let id else { throw FakeProblem("\(tradeNumber) can't be refunded") }
        return id
    }

    public func notice(ofPayment tradeNumber: String) throws -> FakeNotice {
        let session = books.update { state in state.sessions.last { $0.number == tradeNumber && $0.isComplete } }
        guard let session else { throw FakeProblem("no session of that number is complete") }
        return event(
            "checkout.session.completed", about: session.id, try json(of: session), since: session.completedAt)
    }

    public func notice(ofRefund refundNumber: String) throws -> FakeNotice? {
        let refund = books.update { state in state.refunds.last { $0.publicNumber == refundNumber } }
        guard let refund, refund.status != "pending" else {
            throw FakeProblem("the refund is unknown or not complete")
        }
        return event(
            refund.counts ? "refund.updated" : "refund.failed", about: refund.id, refund.json, since: refund.createdAt)
    }

    /// An event about the current state of a refund.
    public func notice(_ type: String, ofRefund refundNumber: String) throws -> FakeNotice {
        let refund = books.update { state in state.refunds.last { $0.publicNumber == refundNumber } }
        guard let refund else { throw FakeProblem("unknown refund") }
        return event(type, about: refund.id, refund.json, since: refund.createdAt)
    }

    /// An event about the current state of a trade's session.
    public func notice(_ type: String, of tradeNumber: String) throws -> FakeNotice {
        let session = books.update { state in state.sessions.last { $0.number == tradeNumber } }
        guard let session else { throw FakeProblem("unknown session") }
        return event(type, about: session.id, try json(of: session), since: session.completedAt)
    }

    public func expects(_ status: Int, _ contentType: String?, _ body: [UInt8]) -> Bool { (200..<300).contains(status) }
}

extension FakeStripe {
    private func finish(_ tradeNumber: String, paid: Bool) throws -> String {
        let now = clock.now()
        let payment = books.update { state -> String? in
            let id = "pi_\(state.nextNumber())"
            return state.changeSession({ $0.number == tradeNumber && $0.status(at: now) == .open }) { session in
                session.paymentIntent = id
                session.completedAt = now
                session.paidAt = paid ? now : nil
            }.map { _ in id }
        }
        guard let payment else { throw FakeProblem("no open session of that number") }
        return payment
    }

    private func setRefund(_ number: String, _ status: String) throws {
        let now = clock.now()
        let isFound = books.update { state in
            guard let index = state.refunds.lastIndex(where: { $0.publicNumber == number }) else { return false }
            state.refunds[index].status = status
            if status == "failed" { state.refunds[index].failedAt = now }
            return true
        }
        guard isFound else { throw FakeProblem("unknown refund") }
    }

    private func json(of session: FakeStripeSession) throws -> String {
        session.json(at: clock.now(), baseURL: baseURL, isLive: books.isLive)
    }

    /// A repeat is the same event, signed at another time.
    private func event(_ type: String, about id: String, _ object: String, since: Instant?) -> FakeNotice {
        let seconds = clock.now().milliseconds / 1_000
        let body = FakeStripeWire.event(
            "evt_\(type.filter { $0 != "." })_\(id)", type, object,
            at: (since?.milliseconds).map { $0 / 1_000 } ?? seconds,
            isLive: books.isLive)
        let signature = FakeStripeWire.signature(of: body, at: seconds, secret: webhookSecret)
        return FakeNotice(
            headers: [
                FakeHeader("Content-Type", "application/json; charset=utf-8"),
                FakeHeader("Stripe-Signature", "t=\(seconds),v1=\(signature)"),
            ], text: body)
    }

    private func respond(to request: FakeRequest) async -> FakeReply {
        if request.method == "GET", request.path == "/v1/balance_transactions" { return balance(request).reply }
        guard let (operation, name) = FakeStripeWire.operation(of: request) else {
            return FakeStripeAnswer.unknownURL.reply
        }
        counted.withLock { $0[operation, default: 0] += 1 }
        return await faults.answer(operation) { fault in
            guard let fault else { return perform(operation, name, request).reply }
            switch fault {
            case .error: return FakeStripeAnswer.broken.reply
            case .refused, .closeTooEarly: return FakeStripeAnswer.refused("parameter_invalid").reply
            case .unlisted: return FakeStripeAnswer.unlisted.reply
            case .lowBalance: return FakeStripeAnswer.refused("balance_insufficient").reply
            case .noSuchTrade: return FakeStripeAnswer.missing.reply
            case .tooOften: return FakeStripeAnswer.tooOften.reply
            case .garbage:
                _ = perform(operation, name, request)
                return .answer(200, "application/json", #"{"id": "cs_test_"#)
            case .unsigned, .badlySigned, .timeout, .lost, .slow: return perform(operation, name, request).reply
            }
        }
    }

    private func perform(_ operation: FakeOperation, _ name: String, _ request: FakeRequest) -> FakeStripeAnswer {
        guard request.header("Authorization") == "Bearer \(secretKey)" else { return .notAuthorised }
        guard request.header("Stripe-Version") == "2026-10-28.endive" else { return .refused("no_version") }
        let call = FakeStripeCall(
            operation: operation, name: name, path: request.path,
            parameters: FakeStripeWire.parameters(request.method == "GET" ? request.query ?? "" : request.text),
            key: request.header("Idempotency-Key"), now: clock.now(), baseURL: baseURL)
        return books.answer(call)
    }
}
