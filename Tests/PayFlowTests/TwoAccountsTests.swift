import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Two channels with accounts at one provider. An order moves between them as between two providers.
@Suite struct `Two accounts of one provider` {
    private static let cn = Channel("alipay")!
    private static let eu = Channel("alipay_eu")!

    private struct Accounts {
        let world: World
        let cn: ScriptedProvider
        let eu: ScriptedProvider
        let process: Process

        func receipt(_ trade: TradeNumber, _ transaction: String, _ channel: Channel) -> Receipt {
            PayFlowTests.receipt(of: trade, transaction, by: channel)
        }

        /// The buyer pays, and the account's provider sends a notice to the account's address.
        func pay(_ trade: TradeNumber, _ transaction: String, at account: ScriptedProvider) async {
            let receipt = receipt(trade, transaction, account.channel)
            let notice = account.notice(.payment(receipt), about: trade.text, id: transaction)
            #expect(await process.settle(notice, from: account.channel)?.status == 200)
        }
    }

    /// An order whose page of the first account was superseded by one of the second.
    private func withSwitch(_ body: (Accounts) async throws -> Void) async throws {
        try await withWorld { world in
            let cn = ScriptedProvider(Self.cn, kind: .alipay, terms: alipayLike)
            let eu = ScriptedProvider(Self.eu, kind: .alipay, terms: alipayLike)
            let process = try await world.process(providers: [cn, eu])
            cn.willCreate(made("the first account's"))
            _ = try await process.pay(firstPay(number, Self.cn, at: world.start)).answer()
            cn.willClose(.noSuchTrade)
            cn.willQuery(.noSuchTrade)
            eu.willCreate(made("the second account's"))
            #expect(try await process.pay(repay(Self.eu, .pc)).content == "the second account's")
            try await body(Accounts(world: world, cn: cn, eu: eu, process: process))
            #expect(cn.isPlayedOut && eu.isPlayedOut, "a line of a script was never played")
        }
    }

    @Test func `a switch closes at the first account and opens at the second`() async throws {
        try await withSwitch { accounts in
            #expect(accounts.cn.operations == ["create", "close", "query"])
            #expect(accounts.eu.operations == ["create"])
            let order = try await accounts.world.order()
            #expect(order.attempts.map(\.channel) == [Self.cn, Self.eu])
            #expect(
                order.attempts.map(\.request.notifyURL) == [
                    "https://pay.example/v1/notices/alipay", "https://pay.example/v1/notices/alipay_eu",
                ])
        }
    }

    @Test func `a late payment at the first account is a duplicate, and goes back through it`() async throws {
        try await withSwitch { accounts in
            await accounts.pay(second, "tx-2", at: accounts.eu)
            await accounts.pay(first, "tx-1", at: accounts.cn)
            let order = try await accounts.world.order()
            #expect(order.state.name == .paid && order.receipts.map(\.standing) == [.honest, .duplicate])

            accounts.cn.willRefund(.succeeded())
            #expect(try await accounts.process.refunds.runOnce(at: accounts.world.clock.now())[.succeeded] == 1)
            #expect(accounts.cn.operations.last == "refund" && accounts.eu.operations == ["create"])
        }
    }

    @Test func `a notice of one account at the other's address is refused, and changes nothing`() async throws {
        try await withSwitch { accounts in
            let before = try await accounts.world.order()
            let notice = accounts.cn.notice(
                .payment(accounts.receipt(first, "tx-1", Self.cn)), about: first.text, id: "n-1")
            #expect(await accounts.process.settle(notice, from: Self.eu)?.status == 401)
            #expect(try await accounts.world.order() == before)
            // The provider sends it to the right address.
            #expect(await accounts.process.settle(notice, from: Self.cn)?.status == 200)
            #expect(try await accounts.world.order().state.name == .paid)
        }
    }

    @Test func `a notice that both accounts can verify counts only at the address of the attempt's account`()
        async throws
    {
        try await withSwitch { accounts in
            let receipt = accounts.receipt(first, "tx-1", Self.eu)
            let notice = accounts.eu.notice(.payment(receipt), about: first.text, id: "n-1")
            #expect(await accounts.process.settle(notice, from: Self.eu)?.status == 200)
            #expect(accounts.process.observer.observations.last == .notice(Self.eu, .orphan))
            let order = try await accounts.world.order()
            #expect(order.state.name == .new && order.receipts.isEmpty && order.refunds.isEmpty)

            // The trade is queried at its own account at once.
            accounts.cn.willQuery(.paid(accounts.receipt(first, "tx-1", Self.cn)))
            _ = try await accounts.process.query.runOnce(at: accounts.world.clock.now())
            let paid = try await accounts.world.order()
            #expect(paid.state.name == .paid && paid.receipts.map(\.receipt.channel) == [Self.cn])
        }
    }

    @Test func `each account's bill is compared with the trades of that account`() async throws {
        try await withSwitch { accounts in
            await accounts.pay(second, "tx-2", at: accounts.eu)
            await accounts.pay(first, "tx-1", at: accounts.cn)
            let bills = [Self.cn: ScriptedBills(), Self.eu: ScriptedBills()]
            for account in [accounts.cn, accounts.eu] { account.has(try #require(bills[account.channel])) }
            bills[Self.cn]?.set(today, [paymentLine(1, "tx-1", of: first.text)])
            bills[Self.eu]?.set(today, [paymentLine(1, "tx-2", of: second.text)])
            accounts.world.move(to: today.end)

            let store = accounts.world.store
            let reconcile = Reconcile(accounts.process.flows, store: store, schedule: schedule, foreign: .report)
            for channel in [Self.cn, Self.eu] {
                #expect(try await reconcile.fetch(channel, today).isLoaded)
                try await reconcile.compare(channel)
                #expect(bills[channel]?.fetches == [today])
            }
            let compared = try await store.bills(BillListing(limit: 100)).bills
            #expect(compared.map { $0.figures[.matched] } == [1, 1])
            #expect(try await store.differences(DifferenceListing(limit: 100)).differences == [])
        }
    }
}
