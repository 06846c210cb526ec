import PayCore

/// Joins equal calls for one order in this process, and runs different ones one after the other. It saves provider calls
/// and waiting. The lease in the database is what protects money, also between two processes.
actor SingleFlight {
    /// The particulars of a call as they were sent: a call with the same ones joins, any other waits. An omitted
    /// particular differs from a given one, because it is filled in by the deciding transaction.
    struct Work: Hashable, Sendable {
        private let variant: PageVariant
        private let fresh: Bool
        private let replayed: TradeNumber?
        /// The particulars of a first pay call; nil for a repay.
        private let draft: OrderDraftIdentity?

        init(_ request: PayRequest) {
            variant = request.variant
            fresh = request.fresh
            replayed = request.replayed
            draft = request.draft.map(OrderDraftIdentity.init)
        }
    }

    /// The work in flight for an order.
    private enum Flight {
        case paying(Work, Task<PayResult, any Error>, ticket: Int)
        case closing(Task<CloseResult, any Error>, ticket: Int)

        var ticket: Int {
            switch self {
            case .paying(_, _, let ticket), .closing(_, let ticket): ticket
            }
        }

        /// Returns when the work has ended, with any result.
        func end() async {
            switch self {
            case .paying(_, let task, _): _ = try? await task.value
            case .closing(let task, _): _ = try? await task.value
            }
        }
    }

    private var flights: [OrderNumber: Flight] = [:]
    private var keysInFlight: [ScopedKey: (fingerprint: String, calls: Int)] = [:]
    private var lastTicket = 0

    /// Does the work, or joins the same work of another call; `joined` tells which. Nil after other work was in flight:
    /// it has ended now, and the caller begins again.
    ///
    /// The work is a task of its own, so that a caller who disconnects doesn't stop a provider call half-way.
    func pay(
        _ number: OrderNumber, _ work: Work, _ body: @escaping @Sendable () async throws -> PayResult
    ) async throws -> (result: PayResult, joined: Bool)? {
        if let flight = flights[number] {
            if case .paying(work, let task, let ticket) = flight {
                // A call that begins again must not join work that has ended.
                defer { leave(number, ticket) }
                return (try await task.value, true)
            }
            await end(of: flight, number)
            return nil
        }
        let task = Task { try await body() }
        let ticket = nextTicket()
        flights[number] = .paying(work, task, ticket: ticket)
        defer { leave(number, ticket) }
        return (try await task.value, false)
    }

    /// Runs the merchant's close in the same way.
    func close(
        _ number: OrderNumber, _ body: @escaping @Sendable () async throws -> CloseResult
    ) async throws -> CloseResult? {
        if let flight = flights[number] {
            if case .closing(let task, _) = flight { return try await task.value }
            await end(of: flight, number)
            return nil
        }
        let task = Task { try await body() }
        let ticket = nextTicket()
        flights[number] = .closing(task, ticket: ticket)
        defer { leave(number, ticket) }
        return try await task.value
    }

    /// Whether a call under this key may go on. False if the key marks another request that is in flight.
    func admit(_ use: KeyUse) -> Bool {
        guard let inFlight = keysInFlight[use.key] else {
            keysInFlight[use.key] = (use.fingerprint, 1)
            return true
        }
        guard inFlight.fingerprint == use.fingerprint else { return false }
        keysInFlight[use.key]?.calls += 1
        return true
    }

    func dismiss(_ use: KeyUse) {
        guard let inFlight = keysInFlight[use.key] else { return }
        keysInFlight[use.key] = inFlight.calls > 1 ? (inFlight.fingerprint, inFlight.calls - 1) : nil
    }

    /// Returns when no work is in flight.
    func drain() async {
        while let (number, flight) = flights.first { await end(of: flight, number) }
    }

    private func end(of flight: Flight, _ number: OrderNumber) async {
        await flight.end()
        leave(number, flight.ticket)
    }

    private func nextTicket() -> Int {
        lastTicket += 1
        return lastTicket
    }

    private func leave(_ number: OrderNumber, _ ticket: Int) {
        if flights[number]?.ticket == ticket { flights[number] = nil }
    }
}

/// The particulars that two first pay calls must share to be the same.
struct OrderDraftIdentity: Hashable, Sendable {
    let userID: UserID
    let money: Money
    let subject: Subject
    let returnURL: String?

    init(_ draft: Order) {
        userID = draft.userID
        money = draft.money
        subject = draft.subject
        returnURL = draft.returnURL
    }
}
