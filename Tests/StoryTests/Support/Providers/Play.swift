import PayCore
import PayProviders
import ProviderFakes
import Testing

/// A real service with Alipay, WeChat Pay and Stripe, each played on loopback.
struct Play: Sendable {
    let story: Story
    let players: Players
    let service: Service

    /// Time-outs must not decide these tests on a busy machine.
    private static let patience = ["PAYPAGE_PROVIDER_TIMEOUT": "20s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "20s"]

    static func run(
        _ settings: [String: String] = [:], weChatTrust: FakeWeChatPaySigner = .publicKey,
        alipayCertificates: FakeAlipayCertificates? = nil,
        logOptions: [String] = ["--log-format", "json"], _ body: (Play) async throws -> Void
    ) async throws {
        let settings = patience.merging(settings) { $1 }
        let players = Players(
            clock: WallClock(), weChatTrust: weChatTrust, alipayCertificates: alipayCertificates)
        try await players.whileRunning {
            try await Story.run(settings, logOptions: logOptions) { story in
                let service = try await story.startService(with: players.settings(keysIn: story.folder))
                try await body(Play(story: story, players: players, service: service))
            }
        }
    }

    /// Kills the process, and starts another in its place.
    func crashAndStartAgain(meanwhile: () async throws -> Void) async throws -> Play {
        try await service.crash()
        try await meanwhile()
        let next = try await story.startService(on: service.port, with: players.settings(keysIn: story.folder))
        return Play(story: story, players: players, service: next)
    }
}

// The buyer's actions.
extension Play {
    /// The first page of an order. Throws if there is none.
    func firstPage(_ order: String, on name: PlayedName, terminal: String = "pc") async throws -> PaymentView.Page {
        try await service.firstPay(order, channel: name.rawValue, terminal: terminal).read(PaymentView.self).page
    }

    /// The buyer continues with another channel, and retries as told.
    func goOn(_ order: String, on name: PlayedName, terminal: String = "pc") async throws -> PaymentView.Page {
        try await service.goOnUntilPaged(order, channel: name.rawValue, terminal: terminal).read(PaymentView.self).page
    }

    /// The buyer's browser opens a served page.
    func open(_ page: PaymentView.Page, on name: PlayedName, terminal: String = "pc") async throws {
        let kind = try #require(PageKind(rawValue: page.kind))
        let terminal = try #require(Terminal(rawValue: terminal))
        let given = ProviderPage(kind: kind, content: page.content, serves: [terminal], usableFor: nil)
        try await players[name].open(given, terminal: terminal)
    }

    /// The provider sends the notice of a payment. True if the answer stops the retries.
    @discardableResult func tell(_ trade: String, on name: PlayedName) async throws -> Bool {
        let fake = players[name]
        return try await fake.notify(fake.notice(ofPayment: trade), to: noticeURL(of: name))
    }

    func noticeURL(of name: PlayedName) -> String { "\(service.client.base)/v1/notices/\(name.rawValue)" }

    /// The buyer pays, and the provider sends a notice.
    func payAndTell(_ trade: String, on name: PlayedName) async throws {
        _ = try await players[name].pay(trade)
        #expect(try await tell(trade, on: name), "\(trade): the notice was not taken")
    }
}

// The results.
extension Play {
    /// Polls until the order is in that state.
    func wait(_ order: String, until state: String) async throws -> BookedOrder {
        try await poll("\(order) is \(state)", within: .seconds(60)) { [service] in
            let booked = try await service.booked(order)
            return booked.state == state ? booked : nil
        }
    }

    func standings(_ order: String) async throws -> [String] {
        try await service.booked(order).receipts.map { "\($0.trade_no.dropFirst(order.count)) \($0.standing)" }.sorted()
    }

    /// Waits until the order's books and the providers' agree: each payment is one receipt, the merchant has the price
    /// of a paid order and nothing of any other, and the rest was refunded.
    @discardableResult func agree(_ order: String) async throws -> BookedOrder {
        let last = Watched("never compared")
        do {
            return try await poll("the books of \(order) agree", within: .seconds(60), every: .milliseconds(100)) {
                [self] in
                try await finishRefunds(of: order)
                let booked = try await service.booked(order)
                let found = try await disagreement(of: booked)
                last.update { $0 = found ?? "" }
                return found == nil ? booked : nil
            }
        } catch is TookTooLong { throw FakeProblem("\(order): \(last.now)") }
    }

    /// Finishes the refunds that a provider has accepted, and sends their notices.
    private func finishRefunds(of order: String) async throws {
        for name in PlayedName.allCases {
            let fake = players[name]
            for refund in await trades(of: order, on: name).flatMap(\.refunds) where !refund.isDone {
                try await fake.finishRefund(refund.number)
                guard let notice = try await fake.notice(ofRefund: refund.number) else { continue }
                #expect(try await fake.notify(notice, to: noticeURL(of: name)))
            }
        }
    }

    func trades(of order: String, on name: PlayedName) async -> [FakeTrade] {
        await players[name].trades.filter { $0.number.hasPrefix("\(order)_") }
    }

    /// The disagreements of the books; nil if they agree.
    private func disagreement(of booked: BookedOrder) async throws -> String? {
        var trades: [FakeTrade] = []
        for name in PlayedName.allCases { trades += await self.trades(of: booked.out_trade_no, on: name) }
        let paid = trades.filter(\.isPaid).map(\.number).sorted()
        let received = booked.receipts.map(\.trade_no).sorted()
        guard paid == received else { return "paid there: \(paid), receipts here: \(received)" }
        let isPaid = booked.state == "paid"
        let honest = booked.receipts.count { $0.standing == "honest" }
        guard honest == (isPaid ? 1 : 0) else { return "\(booked.state) with \(honest) honest receipts" }
        let kept = trades.reduce(0) { $0 + $1.kept }
        guard kept == (isPaid ? Int64(booked.amount) : 0) else { return "the providers keep \(kept)" }
        let due = booked.receipts.filter { $0.standing != "honest" }.map(\.trade_no).sorted()
        let back = booked.refunds.filter { $0.state == "succeeded" }.map(\.trade_no).sorted()
        guard due == back else { return "to be given back: \(due), given back: \(back)" }
        guard trades.allSatisfy({ $0.refunds.count <= 1 }) else { return "a trade with more than one refund" }
        return nil
    }
}
