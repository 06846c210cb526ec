import GRDB
import PayCore

/// The table `attempts`.
enum AttemptRows {
    static let columns = Columns(
        table: "attempts",
        names: [
            "trade_no", "order_number", "sequence", "channel", "terminal", "openid", "client_ip", "amount", "currency",
            "subject", "provider_deadline", "notify_url", "return_url", "created_at", "state", "state_since", "tries",
            "first_unknown_at", "recover_at", "close_unanswered_at", "session_ends_at",
            "last_word_at", "ask_at", "provider_reference",
        ])

    private static let selection = """
        SELECT \(columns.selected) FROM attempts WHERE order_number = ? ORDER BY sequence
        """

    /// An order's attempts, the first one first, with their pages.
    static func load(of order: OrderNumber, _ db: Database) throws -> [Attempt] {
        let rows = try Row.fetchAll(try db.cachedStatement(sql: selection), arguments: [order.text])
        if rows.isEmpty { return [] }
        let pages = try PageRows.load(of: order, db)
        return try rows.map { try attempt(StoredRow(columns, key: order.text, in: $0), pages) }
    }

    private static func attempt(_ unnamed: StoredRow, _ pages: [TradeNumber: [Page]]) throws -> Attempt {
        let number = try unnamed.value("trade_no", TradeNumber.init)
        let row = unnamed.renamed(number.text)
        return Attempt(
            number: number, channel: try row.value("channel", Channel.init), request: try request(row),
            createdAt: try row.instant("created_at"), state: try state(row),
            stateSince: try row.instant("state_since"), pages: pages[number] ?? [],
            sessionEndsAt: try row.optionalInstant("session_ends_at"),
            reference: try row.optionalValue("provider_reference", ProviderReference.init),
            lastWordAt: try row.instant("last_word_at"), askAt: try row.optionalInstant("ask_at"))
    }

    private static func request(_ row: StoredRow) throws -> StoredRequest {
        StoredRequest(
            terminal: try row.value("terminal", Terminal.init),
            payer: Payer(openID: try row.text("openid"), clientIP: try row.optionalText("client_ip")),
            money: try row.money("amount", "currency"), subject: try row.value("subject", Subject.init),
            providerDeadline: try row.instant("provider_deadline"), notifyURL: try row.text("notify_url"),
            returnURL: try row.optionalText("return_url"))
    }

    private static func state(_ row: StoredRow) throws -> AttemptState {
        switch try row.value("state", AttemptStateName.init) {
        case .creating:
            .creating(
                Tries(
                    count: try tries(row), firstUnknownAt: try row.optionalInstant("first_unknown_at"),
                    recoverAt: try row.instant("recover_at")))
        case .open: .open
        case .closing:
            .closing(
                Closing(
                    recoverAt: try row.instant("recover_at"),
                    closeUnansweredAt: try row.optionalInstant("close_unanswered_at")))
        case .exposed: .exposed(closeUnansweredAt: try row.optionalInstant("close_unanswered_at"))
        case .closed: .closed
        case .failed: .failed
        case .lapsed: .lapsed
        case .paid: .paid
        }
    }

    private static func tries(_ row: StoredRow) throws -> Int {
        let count = try row.integer("tries")
        guard (1...1_000_000).contains(count) else { throw row.unreadable("tries") }
        return Int(count)
    }

    /// Stores what differs from what was loaded. What stops being live goes first: at no moment are two live.
    static func save(_ attempts: [Attempt], over loaded: [Attempt], _ db: Database) throws {
        let before = Dictionary(loaded.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let changed = attempts.filter { before[$0.number] != $0 }
        for attempt in changed.filter({ !$0.state.name.isLive }) + changed.filter({ $0.state.name.isLive }) {
            let old = before[attempt.number]
            if old == nil {
                try insert(attempt, db)
            } else {
                try update(attempt, db)
            }
            try PageRows.save(attempt.pages, over: old?.pages ?? [], of: attempt.number, db)
        }
    }

    private static func insert(_ attempt: Attempt, _ db: Database) throws {
        let request = attempt.request
        let fixed: [String: (any DatabaseValueConvertible)?] = [
            "order_number": attempt.number.order.text, "sequence": attempt.number.sequence,
            "channel": attempt.channel.name, "terminal": request.terminal.rawValue, "openid": request.payer.openID,
            "client_ip": request.payer.clientIP, "amount": request.money.amount,
            "currency": request.money.currency.code, "subject": request.subject.text,
            "provider_deadline": request.providerDeadline.milliseconds, "notify_url": request.notifyURL,
            "return_url": request.returnURL, "created_at": attempt.createdAt.milliseconds,
            "last_word_at": attempt.lastWordAt.milliseconds,
        ]
        let all = fixed.merging(movingColumns(of: attempt)) { fixed, _ in fixed }
        let statement = try db.cachedStatement(sql: columns.insertion)
        try statement.execute(arguments: StatementArguments(all))
    }

    private static func update(_ attempt: Attempt, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE attempts
                SET state = :state, state_since = :state_since, tries = :tries, first_unknown_at = :first_unknown_at,
                    recover_at = :recover_at, close_unanswered_at = :close_unanswered_at,
                    session_ends_at = :session_ends_at, ask_at = :ask_at,
                    provider_reference = :provider_reference
                WHERE trade_no = :trade_no
                """)
        try statement.execute(arguments: StatementArguments(movingColumns(of: attempt)))
    }

    /// The columns that may change, with the key.
    private static func movingColumns(of attempt: Attempt) -> [String: (any DatabaseValueConvertible)?] {
        var tries: Tries?
        var closeUnansweredAt: Instant?
        switch attempt.state {
        case .creating(let known): tries = known
        case .closing(let closing): closeUnansweredAt = closing.closeUnansweredAt
        case .exposed(let unansweredAt): closeUnansweredAt = unansweredAt
        case .open, .closed, .failed, .lapsed, .paid: break
        }
        return [
            "trade_no": attempt.number.text, "state": attempt.state.name.rawValue,
            "state_since": attempt.stateSince.milliseconds, "tries": tries?.count,
            "first_unknown_at": tries?.firstUnknownAt?.milliseconds,
            "recover_at": attempt.state.recoverAt?.milliseconds,
            "close_unanswered_at": closeUnansweredAt?.milliseconds,
            "session_ends_at": attempt.sessionEndsAt?.milliseconds, "ask_at": attempt.askAt?.milliseconds,
            "provider_reference": attempt.reference?.text,
        ]
    }
}
