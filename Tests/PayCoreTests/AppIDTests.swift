import Testing

@testable import PayCore

@Suite struct `The app of an attempt` {
    private static let old = "wx1111111111111111"
    private static let new = "wx2222222222222222"

    private func call(_ appID: String?, fresh: Bool = false, at now: Instant = noon) -> OpeningCall {
        let wish = PageWish(channel: wechat, terminal: .app, openID: "", fresh: fresh)
        return OpeningCall(
            wish: wish, clientIP: nil, takesStoredPage: true, notifyURL: "https://pay.example/v1/notices/wechat",
            appID: appID, channels: [wechat: wechatLike], rules: rules(), worker: worker)
    }

    /// An order with one open attempt of the old app, whose page has expired at 300 s.
    private func opened() throws -> Order {
        var order = draft()
        guard case .create(let right, let request, _) = try order.beginOpening(call(Self.old), at: noon) else {
            throw Surprise()
        }
        #expect(request.stored.appID == Self.old)
        let report = report(made(serves: [.app], usableFor: .seconds(300)), of: order.attempts[0], wish: .app)
        _ = try order.finishOpening(report, under: right, at: at(1))
        return order
    }

    private struct Surprise: Error {}

    private func receipt(appID: String?, ours: Bool = true) -> Receipt {
        Receipt(
            channel: wechat, tradeNumber: first, transactionID: TransactionID("tx-1")!, amount: yuan.amount,
            currencyCode: "CNY", paidAt: at(20), namesOurAccount: ours, appID: appID)
    }

    @Test func `an attempt keeps its app when its page is made again after a change of the settings`() throws {
        var order = try opened()
        guard case .create(_, let request, _) = try order.beginOpening(call(Self.new), at: at(310)) else {
            throw Surprise()
        }
        #expect(request.tradeNumber == first && request.stored.appID == Self.old)
    }

    @Test func `a payment to the attempt's app pays the order`() throws {
        var order = try opened()
        #expect(try order.settle(receipt(appID: Self.old), at: at(30)) == .paid)
        #expect(order.receipts.map(\.receipt) == [receipt(appID: nil)])
    }

    @Test func `a payment to another app is disputed, also to the app of the settings`() throws {
        var order = try opened()
        #expect(try order.settle(receipt(appID: Self.new), at: at(30)) == .disputed)
        #expect(order.state == .new)
        #expect(order.receipts.map(\.receipt.namesOurAccount) == [false])
    }

    @Test func `a payment that names an app is disputed where the attempt has none`() throws {
        var order = order([attempt(first, .open, channel: wechat, terminal: .app)])
        #expect(try order.settle(receipt(appID: Self.old), at: at(30)) == .disputed)
    }

    @Test func `the attempt's app does not make up for another merchant`() throws {
        var order = try opened()
        #expect(try order.settle(receipt(appID: Self.old, ours: false), at: at(30)) == .disputed)
    }

    @Test func `a dispute about the app ends when the same payment is reported with the attempt's app`() throws {
        var order = try opened()
        _ = try order.settle(receipt(appID: Self.new), at: at(30))
        #expect(try order.settle(receipt(appID: Self.new), at: at(40)) == .alreadyRecorded)
        #expect(try order.settle(receipt(appID: Self.old), at: at(50)) == .paid)
        #expect(order.receipts.map(\.standing) == [.honest])
    }
}
