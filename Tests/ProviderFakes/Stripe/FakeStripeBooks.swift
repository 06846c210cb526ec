import PayCore
import Synchronization

/// A call with a valid key and version.
struct FakeStripeCall: Sendable {
    let operation: FakeOperation
    /// The session in its path; empty if there is none.
    let name: String
    let path: String
    /// Nil if the parameters are invalid.
    let parameters: [String: String]?
    let key: String?
    let now: Instant
    let baseURL: String
}

/// Stripe's books: sessions, refunds, and the stored answer of each key.
final class FakeStripeBooks: Sendable {
    struct State: Sendable {
        /// The answer that was stored under a key once its work had begun.
        struct Stored: Sendable {
            let path: String
            let parameters: [String: String]
            let answer: FakeStripeAnswer
            let at: Instant
        }

        var sessions: [FakeStripeSession] = []
        var refunds: [FakeStripeRefund] = []
        var stored: [String: Stored] = [:]
        var inFlight: Set<String> = []
        var storesNextError = false
        var refundsTakeTime = false
        var payouts: [Instant] = []
        private var last = 0

        mutating func nextNumber() -> Int {
            last += 1
            return last
        }

        /// Changes the newest session that matches.
        mutating func changeSession(
            _ fits: (FakeStripeSession) -> Bool, _ change: (inout FakeStripeSession) -> Void
        ) -> FakeStripeSession? {
            guard let index = sessions.lastIndex(where: fits) else { return nil }
            change(&sessions[index])
            return sessions[index]
        }

        func refunded(_ payment: String) -> Int64 {
            refunds.filter { $0.payment == payment && $0.counts }.reduce(0) { $0 + $1.amount }
        }

        func trade(_ session: FakeStripeSession, at now: Instant) -> FakeTrade {
            var trade = FakeTrade(
                number: session.number, reference: session.id, amount: session.amount,
                currency: session.currency.uppercased(), particulars: "", creates: session.creates)
            let isRefunded = session.paymentIntent.map { refunded($0) == session.amount } ?? false
            switch session.status(at: now) {
            case .open: trade.state = .unpaid
            case .expired: trade.state = .closed
            case .complete: trade.state = session.paidAt == nil ? .unpaid : isRefunded ? .refunded : .paid
            }
            trade.transactionID = session.paidAt == nil ? nil : session.paymentIntent
            trade.paidAt = session.paidAt
            trade.refunds = refunds.filter { $0.payment == session.paymentIntent }.map(\.booked)
            return trade
        }
    }

    /// Stripe forgets a key after a day at the earliest. The fake forgets it then.
    private static let keysAreKeptFor = Duration.seconds(24 * 3_600)

    let isLive: Bool
    private let state = Mutex(State())

    init(isLive: Bool) {
        self.isLive = isLive
    }

    func update<Value: Sendable>(_ change: (inout sending State) -> Value) -> Value {
        state.withLock { change(&$0) }
    }

    func answer(_ call: FakeStripeCall) -> FakeStripeAnswer {
        guard let parameters = call.parameters else { return .refused("parameter_unreadable") }
        return state.withLock { state in
            guard call.operation == .create || call.operation == .refund, let key = call.key else {
                return perform(call, parameters, &state).answer
            }
            guard (1...255).contains(key.utf8.count) else { return .refused("idempotency_key_too_long") }
            if state.inFlight.contains(key) { return .inFlight }
            if let stored = state.stored[key], call.now - stored.at < Self.keysAreKeptFor {
                let isSame = stored.path == call.path && stored.parameters == parameters
                guard isSame else { return .keyReused }
                if let index = state.sessions.firstIndex(where: { $0.key == key }) {
                    state.sessions[index].creates += 1
                }
                return stored.answer.replayed
            }
            let (answer, hasBegun) = perform(call, parameters, &state)
            if hasBegun {
                state.stored[key] = State.Stored(
                    path: call.path, parameters: parameters, answer: answer, at: call.now)
            }
            return answer
        }
    }

    /// The answer, and whether the work had begun. If so, the answer is stored under the key.
    private func perform(
        _ call: FakeStripeCall, _ parameters: [String: String], _ state: inout State
    ) -> (answer: FakeStripeAnswer, hasBegun: Bool) {
        switch call.operation {
        case .create: return create(call, parameters, &state)
        case .query: return (show(call, state), false)
        case .close: return (expire(call, &state), false)
        case .refund: return refund(call, parameters, &state)
        case .follow: return (call.name.isEmpty ? list(parameters, state) : showRefund(call, state), false)
        }
    }

    private func create(
        _ call: FakeStripeCall, _ parameters: [String: String], _ state: inout State
    ) -> (FakeStripeAnswer, Bool) {
        if let unknown = parameters.keys.first(where: { !FakeStripeWire.createParameters.contains($0) }) {
            return (.refused("parameter_unknown", parameter: unknown), false)
        }
        if let missing = FakeStripeWire.requiredCreateParameters.first(where: { parameters[$0, default: ""].isEmpty }) {
            return (.refused("parameter_missing", parameter: missing), false)
        }
        guard var session = FakeStripeSession(parameters, id: "cs_test_\(state.nextNumber())", call) else {
            return (.refused("parameter_invalid"), false)
        }
        let left = session.expiresAt - call.now
        guard left >= .seconds(30 * 60), left <= .seconds(24 * 3_600) else {
            return (.refused("parameter_invalid", parameter: "expires_at"), false)
        }
        if state.storesNextError {
            state.storesNextError = false
            return (.broken, true)
        }
        session.creates = 1
        state.sessions.append(session)
        return (.done(session.json(at: call.now, baseURL: call.baseURL, isLive: isLive)), true)
    }

    private func show(_ call: FakeStripeCall, _ state: State) -> FakeStripeAnswer {
        guard let session = state.sessions.first(where: { $0.id == call.name }) else { return .missing }
        return .done(session.json(at: call.now, baseURL: call.baseURL, isLive: isLive))
    }

    private func expire(_ call: FakeStripeCall, _ state: inout State) -> FakeStripeAnswer {
        guard let index = state.sessions.firstIndex(where: { $0.id == call.name }) else { return .missing }
        guard state.sessions[index].status(at: call.now) == .open else { return .refused(nil) }
        state.sessions[index].isExpired = true
        return .done(state.sessions[index].json(at: call.now, baseURL: call.baseURL, isLive: isLive))
    }

    private func refund(
        _ call: FakeStripeCall, _ parameters: [String: String], _ state: inout State
    ) -> (FakeStripeAnswer, Bool) {
        let known: Set = ["payment_intent", "amount", "metadata[refund_no]", "metadata[refund_reason]"]
        if let unknown = parameters.keys.first(where: { !known.contains($0) }) {
            return (.refused("parameter_unknown", parameter: unknown), false)
        }
        let payment = parameters["payment_intent", default: ""]
        guard let session = state.sessions.first(where: { $0.paymentIntent == payment && $0.paidAt != nil }) else {
            return (.missing, false)
        }
        let left = session.amount - state.refunded(payment)
        guard left > 0 else { return (.refused("charge_already_refunded"), true) }
        guard let amount = parameters["amount"].map({ Int64($0) }) ?? left, (1...left).contains(amount) else {
            return (.refused("amount_too_large", parameter: "amount"), true)
        }
        if state.storesNextError {
            state.storesNextError = false
            return (.broken, true)
        }
        let refund = FakeStripeRefund(
            id: "re_\(state.nextNumber())", payment: payment, amount: amount, currency: session.currency,
            number: parameters["metadata[refund_no]"], createdAt: call.now,
            status: state.refundsTakeTime ? "pending" : "succeeded")
        state.refunds.append(refund)
        return (.done(refund.json), true)
    }

    private func showRefund(_ call: FakeStripeCall, _ state: State) -> FakeStripeAnswer {
        state.refunds.first { $0.id == call.name }.map { .done($0.json) } ?? .missing
    }

    /// Newest first, as in Stripe's lists.
    private func list(_ parameters: [String: String], _ state: State) -> FakeStripeAnswer {
        let payment = parameters["payment_intent", default: ""]
        let limit = parameters["limit"].flatMap { Int($0) } ?? 10
        guard (1...100).contains(limit) else { return .refused("parameter_invalid", parameter: "limit") }
        guard state.sessions.contains(where: { $0.paymentIntent == payment }) else { return .missing }
        var found = Array(state.refunds.filter { $0.payment == payment }.reversed())
        if let last = parameters["starting_after"] {
            guard let index = found.firstIndex(where: { $0.id == last }) else { return .missing }
            found.removeFirst(index + 1)
        }
        let shown = found.prefix(limit).map(\.json).joined(separator: ",")
        return .done(
            #"{"object":"list","data":[\#(shown)],"has_more":\#(found.count > limit),"url":"/v1/refunds"}"#)
    }
}
