import PayProviders
import Testing

/// A thousand orders for each race, many at a time, with two things at the same moment. Afterwards the sandbox's books
/// are compared with ours, order by order.
@Suite(.serialized, .timeLimit(.minutes(20))) struct RaceTests {
    private static let settings = [
        "PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2",
        // No answer is lost here: a call on a slow machine must not look like an unanswered call.
        "PAYPAGE_PROVIDER_TIMEOUT": "20s",
        // A provider's notices come from more than the one address that tests have.
        "PAYPAGE_HTTP_TRUSTED_PROXIES": "127.0.0.1",
    ]

    private struct Wish: Sendable {
        let channel: String
        let terminal: String
    }

    private static let wishes = ["sandbox", "sandbox2"].flatMap { channel in
        ["pc", "app"].map { Wish(channel: channel, terminal: $0) }
    }

    /// Runs the rounds with the machine to themselves, and returns the books when they agree.
    private func race(
        _ name: String, _ settings: [String: String] = [:], sharedBy races: Int = 1,
        _ round: @escaping @Sendable (Service, Sandbox, _ order: String, inout SplitMix) async throws -> Void,
        then expect: @escaping (Books, Service) async throws -> Void = { _, _ in }
    ) async throws {
        let rounds = Rounds(name, sharedBy: races)
        try await Crowd.alone {
            try await Story.run(Self.settings.merging(settings) { $1 }) { _, sandbox, service in
                let began = ContinuousClock.now
                try await rounds.run { number, dice in
                    var dice = dice
                    try await round(service, sandbox, "\(name)_\(number)", &dice)
                }
                let books = try await Books.agree(service, sandbox, within: .seconds(90))
                print("\(name): \(books.told), in \((ContinuousClock.now - began).components.seconds) s")
                #expect(books.orders.count == rounds.count)
                try await expect(books, service)
            }
        }
    }

    /// A page, or one of these codes: every call gets one of them.
    private func expectPage(_ reply: ProviderReply, or codes: Set<String>, _ order: String) {
        guard reply.pageContent == nil else { return }
        #expect(reply.code.map(codes.contains) == true, "\(order): \(reply.status) \(reply.text.prefix(300))")
    }

    /// The moment of a payment during a switch.
    private enum Moment: CaseIterable {
        case atOnce
        /// The trade is marked as closing.
        case whileClosing
        /// The provider has closed it, and may not have been queried.
        case whenClosedThere
        /// The next trade is being created.
        case whileCreating
    }

    private func pressButton(
        _ order: String, _ atThePrompt: Bool, at moment: Moment, _ service: Service, _ sandbox: Sandbox
    ) async throws -> Bool {
        let old = "\(order)_1"
        try await poll("the moment to pay \(order)", every: .milliseconds(1)) {
            switch moment {
            case .atOnce: return ()
            case .whileClosing: return try await service.booked(order).attempts.first?.state == "open" ? nil : ()
            case .whileCreating: return try await service.booked(order).attempts.count == 1 ? nil : ()
            case .whenClosedThere:
                if try await sandbox.trade(old).state != "unpaid" { return () }
                return try await service.booked(order).attempts.count == 1 ? nil : ()
            }
        }
        return try await sandbox.press(old, atThePrompt: atThePrompt)
    }

    @Test(arguments: ["order", "terminal"])
    func `two terminals and two channels at the same moment leave one payable trade`(
        scope: String
    ) async throws {
        try await race("ask_\(scope)", ["PAYPAGE_SANDBOX_TRADE_SCOPE": scope], sharedBy: 2) {
            service, sandbox, order, dice in
            let isKnown = dice.below(2) == 0
            if isKnown { #expect(try await service.firstPay(order).status == 201) }
            let replies = try await atOnce(
                &dice,
                Self.wishes.enumerated().map { number, wish in
                    {
                        guard isKnown else {
                            return try await service.firstPay(
                                order, key: "\(order)-\(number)", channel: wish.channel, terminal: wish.terminal)
                        }
                        return try await service.goOn(order, channel: wish.channel, terminal: wish.terminal)
                    }
                })
            for reply in replies { expectPage(reply, or: ["PAY_IN_PROGRESS"], order) }
            #expect(isKnown || replies.contains { $0.pageContent != nil }, "\(order)")

            let attempts = try await service.booked(order).attempts
            let open = attempts.filter { $0.state == "open" }.map(\.trade_no)
            #expect(open.count == 1, "\(order): \(attempts)")
            let old = attempts.filter { $0.state == "closed" }.map(\.trade_no)
            let pays = dice.below(4)
            guard pays > 0 else { return }
            // Sometimes a buyer at an old page's prompt pays at the same moment.
            let trades = open + (pays == 1 ? old.suffix(1) : [])
            _ = try await atOnce(&dice, trades.map { trade in { try await sandbox.press(trade, atThePrompt: true) } })
        }
    }

    @Test func `a payment during the close of a switch pays once, whichever comes first`()
        async throws
    {
        try await race("switch") { service, sandbox, order, dice in
            #expect(try await service.firstPay(order).status == 201)
            // The fault hits any round's close, not only this round's.
            if dice.below(10) == 0 {
                try await sandbox.plan(faults: [PlannedFault(operation: "close", fault: "close_too_early")])
            }
            let atThePrompt = dice.below(3) == 0
            let moment = Moment.allCases[dice.below(Moment.allCases.count)]
            async let pressed = pressButton(order, atThePrompt, at: moment, service, sandbox)
            let switched = try await service.goOn(
                order, channel: "sandbox2", terminal: dice.below(2) == 0 ? "pc" : "app")
            expectPage(switched, or: ["PAY_ORDER_STATE_ERROR", "PAY_IN_PROGRESS"], order)
            let isPaid = try await pressed
            // The buyer pays the new page if the old one took no money, and sometimes even if it did.
            if switched.pageContent != nil, !isPaid || dice.below(3) == 0 { try await sandbox.press("\(order)_2") }
        } then: { books, service in
            let duplicates = books.count { $0.receipts.count == 2 }
            let told = try await service.metric("paypage_duplicate_payments_total")
            #expect(told == duplicates)
            // Both orders of events occurred, and often.
            let often = books.orders.count / 20
            #expect(books.count { $0.receipts.first?.trade_no.hasSuffix("_1") == true } > often)
            #expect(books.count { $0.receipts.first?.trade_no.hasSuffix("_2") == true } > often)
        }
    }

    @Test func `a close while a page is being created leaves no payable trade and no money`() async throws {
        try await race("close") { service, sandbox, order, dice in
            let kind = dice.below(3)
            if kind > 0 { #expect(try await service.firstPay(order).status == 201) }
            if dice.below(10) == 0 {
                try await sandbox.plan(faults: [PlannedFault(operation: "create", fault: "slow", ms: 40)])
            }
            let pay: @Sendable () async throws -> ProviderReply = {
                switch kind {
                case 0: try await service.firstPay(order)
                case 1: try await service.goOn(order, channel: "sandbox2")
                default: try await service.goOn(order, channel: "sandbox", terminal: "app")
                }
            }
            let close: @Sendable () async throws -> ProviderReply = { try await service.close(order) }
            let replies = try await atOnce(&dice, [pay, close])
            for reply in replies where reply.status != 200 && reply.status != 201 {
                let expected: Set = ["PAY_ORDER_STATE_ERROR", "PAY_IN_PROGRESS", "PAY_ORDER_NOT_EXIST"]
                #expect(reply.code.map(expected.contains) == true, "\(order): \(reply.text.prefix(300))")
            }
            try await poll("\(order) is closed") { try await service.close(order).status == 200 ? () : nil }
            #expect(try await service.goOn(order, channel: "sandbox").code == "PAY_ORDER_STATE_ERROR", "\(order)")
            guard dice.below(3) == 0 else { return }
            for trade in try await service.booked(order).attempts.map(\.trade_no) {
                try await sandbox.press(trade, atThePrompt: true)
            }
        } then: { books, service in
            #expect(books.count { $0.state != "closed" } == 0)
            let late = books.orders.map(\.receipts.count).reduce(0, +)
            let told = try await service.metric("paypage_late_payments_total")
            #expect(told == late)
        }
    }

    @Test func `a notice that is delivered twice at once is one receipt`() async throws {
        try await race("twice") { service, sandbox, order, dice in
            #expect(try await service.firstPay(order, channel: "sandbox").status == 201)
            let switches = dice.below(3) == 0
            let trade = "\(order)_1"
            try await sandbox.plan(faults: [
                PlannedFault(operation: "notify", fault: "notify_never", channel: "sandbox", times: 1_000_000)
            ])
            #expect(try await sandbox.press(trade))
            let notice = try await sandbox.notice(of: trade, on: "sandbox")
            let deliver: @Sendable () async throws -> ProviderReply = { try await service.take(notice) }
            let goOn: @Sendable () async throws -> ProviderReply = {
                try await service.goOn(order, channel: "sandbox2")
            }
            let replies = try await atOnce(&dice, [deliver, deliver] + (switches ? [goOn] : []))
            #expect(replies.count { $0.status == 200 && $0.text == "success" } == 2, "\(order)")
            #expect(!switches || replies.contains { $0.code == "PAY_ORDER_STATE_ERROR" }, "\(order)")
        } then: { books, service in
            #expect(
                books.count { $0.state == "paid" && $0.receipts.count == 1 && $0.refunds.isEmpty } == books.orders.count
            )
            let notices = try await service.metric("paypage_notices_total")
            #expect(notices == 2 * books.orders.count)
        }
    }
}

extension Books {
    /// A summary of the run for its readers.
    fileprivate var told: String {
        let states = Dictionary(grouping: orders, by: \.state).mapValues(\.count).sorted { $0.key < $1.key }
            .map { "\($0.value) \($0.key)" }
        let attempts = orders.map(\.attempts.count).reduce(0, +)
        let refunds = orders.map(\.refunds.count).reduce(0, +)
        return "\(states.joined(separator: ", ")), \(attempts) attempts, \(refunds) refunds"
    }
}
