package import PayCore
import PayRecords

/// The table `attempts`.
package enum AttemptRows {
    package static let columns = Columns(
        table: "attempts",
        names: [
            "trade_no", "order_number", "sequence", "channel", "terminal", "openid", "client_ip", "amount", "currency",
            "subject", "provider_deadline", "notify_url", "return_url", "app_id", "created_at", "state", "state_since",
            "tries", "first_unknown_at", "recover_at", "close_unanswered_at", "session_ends_at", "last_word_at",
            "ask_at", "provider_reference",
        ])

    /// Most attempts have no money and at most one page. These lookups cost less than statements that find nothing.
    private static let selection = NumberedSQL(
        """
        SELECT \(columns.selected),
            EXISTS (SELECT 1 FROM pages WHERE pages.trade_no = attempts.trade_no) AS has_pages,
            EXISTS (SELECT 1 FROM receipts WHERE receipts.trade_no = attempts.trade_no)
                OR EXISTS (SELECT 1 FROM refunds WHERE refunds.trade_no = attempts.trade_no) AS has_money
        FROM attempts WHERE order_number = ? ORDER BY sequence
        """)

    private static let found = Columns(table: "attempts", names: ["has_pages", "has_money"])

    /// An order's attempts in order, with their pages, and whether any has a receipt or a refund.
    static func load(of order: OrderNumber, _ db: any Connection) throws -> (attempts: [Attempt], haveMoney: Bool) {
        var haveMoney = false
        let attempts = try db.prepared(selection).all([order.text.stored]) { row in
            let beside = StoredRow(found, key: order.text, in: row, from: columns.names.count)
            if try beside.flag("has_money") { haveMoney = true }
            let hasPages = try beside.flag("has_pages")
            return try attempt(StoredRow(columns, key: order.text, in: row)) { number in
                hasPages ? try PageRows.load(of: number, db) : []
            }
        }
        return (attempts, haveMoney)
    }

    package static func attempt(
        _ unnamed: StoredRow, pages: (TradeNumber) throws -> [Page]
    ) throws -> Attempt {
        let number = try unnamed.value("trade_no", TradeNumber.init)
        let row = unnamed.renamed(number.text)
        return Attempt(
            number: number, channel: try row.value("channel", Channel.init), request: try request(row),
            createdAt: try row.instant("created_at"), state: try state(row),
            stateSince: try row.instant("state_since"), pages: try pages(number),
            sessionEndsAt: try row.optionalInstant("session_ends_at"),
            reference: try row.optionalValue("provider_reference", ProviderReference.init),
            lastWordAt: try row.instant("last_word_at"), askAt: try row.optionalInstant("ask_at"))
    }

    private static func request(_ row: StoredRow) throws -> StoredRequest {
        StoredRequest(
            terminal: try row.value("terminal", Terminal.init),
            payer: Payer(openID: try row.text("openid"), clientIP: try row.optionalText("client_ip")),
            money: try row.money("amount", "currency"), subject: try row.value("subject", Subject.stored),
            providerDeadline: try row.instant("provider_deadline"), notifyURL: try row.text("notify_url"),
            returnURL: try row.optionalText("return_url"), appID: try row.optionalText("app_id"))
    }

    private static func state(_ row: StoredRow) throws -> AttemptState {
        switch try row.value("state", AttemptStateName.init) {
        case .creating:
            .creating(
                Tries(
                    count: try row.count("tries", in: 1...1_000_000),
                    firstUnknownAt: try row.optionalInstant("first_unknown_at"),
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

    /// Stores the differences. Attempts that stop being live go first, so that two are never live at once.
    static func save(_ attempts: [Attempt], over loaded: [Attempt], _ db: any Connection) throws {
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

    private static func insert(_ attempt: Attempt, _ db: any Connection) throws {
        try db.prepared(insertion).run(values(of: attempt))
    }

    private static let insertion = NumberedSQL(columns.insertion)

    /// The values of ``columns``.
    package static func values(of attempt: Attempt) -> [StoredValue?] {
        let (request, moving) = (attempt.request, Moving(attempt.state))
        return [
            attempt.number.text.stored, attempt.number.order.text.stored, attempt.number.sequence.stored,
            attempt.channel.name.stored, request.terminal.rawValue.stored, request.payer.openID.stored,
            request.payer.clientIP?.stored, request.money.amount.stored, request.money.currency.code.stored,
            request.subject.text.stored, request.providerDeadline.milliseconds.stored, request.notifyURL.stored,
            request.returnURL?.stored, request.appID?.stored, attempt.createdAt.milliseconds.stored,
            attempt.state.name.rawValue.stored, attempt.stateSince.milliseconds.stored, moving.tries?.count.stored,
            moving.tries?.firstUnknownAt?.milliseconds.stored, attempt.state.recoverAt?.milliseconds.stored,
            moving.closeUnansweredAt?.milliseconds.stored, attempt.sessionEndsAt?.milliseconds.stored,
            attempt.lastWordAt.milliseconds.stored, attempt.askAt?.milliseconds.stored, attempt.reference?.text.stored,
        ]
    }

    private static func update(_ attempt: Attempt, _ db: any Connection) throws {
        try db.prepared(updating).run(changing(of: attempt) + [attempt.number.text.stored])
    }

    /// The values of ``changing``.
    package static func changing(of attempt: Attempt) -> [StoredValue?] {
        let moving = Moving(attempt.state)
        return [
            attempt.state.name.rawValue.stored, attempt.stateSince.milliseconds.stored, moving.tries?.count.stored,
            moving.tries?.firstUnknownAt?.milliseconds.stored, attempt.state.recoverAt?.milliseconds.stored,
            moving.closeUnansweredAt?.milliseconds.stored, attempt.sessionEndsAt?.milliseconds.stored,
            attempt.askAt?.milliseconds.stored, attempt.reference?.text.stored,
        ]
    }

    /// The columns that may change.
    package static let changing = [
        "state", "state_since", "tries", "first_unknown_at", "recover_at", "close_unanswered_at", "session_ends_at",
        "ask_at", "provider_reference",
    ]

    private static let updating = NumberedSQL(
        "UPDATE attempts SET \(changing.map { "\($0) = ?" }.joined(separator: ", ")) WHERE trade_no = ?")

    /// The values that only some states have.
    private struct Moving {
        var tries: Tries?
        var closeUnansweredAt: Instant?

        init(_ state: AttemptState) {
            switch state {
            case .creating(let known): tries = known
            case .closing(let closing): closeUnansweredAt = closing.closeUnansweredAt
            case .exposed(let unansweredAt): closeUnansweredAt = unansweredAt
            case .open, .closed, .failed, .lapsed, .paid: break
            }
        }
    }
}
