import CryptoExtras
import Foundation
import PayCore
import PayFlow
import Synchronization

/// The fake's business logic: its books, its pages, and WeChat's rules about both.
final class FakeWeChatPayDesk: Sendable {
    enum Answer {
        case done(status: Int, body: [UInt8])
        case refused(FakeWeChatPayRefusal)
    }

    /// A page that was returned to the merchant.
    private struct Handout {
        let number: String
        let terminal: Terminal
        let endsAt: Instant
    }

    private struct State {
        /// By the key that opens it: a `code_url`, an `h5_url` or a `prepay_id`.
        var handouts: [String: Handout] = [:]
        /// The deadline of each trade, by its number.
        var deadlines: [String: Instant] = [:]
        /// The appid of each trade, by its number.
        var appIDs: [String: String] = [:]
        /// The appid to which each openid belongs: the first that was used with it.
        var owners: [String: String] = [:]
        /// When the last refund of each trade was requested, by the trade's number.
        var refundedAt: [String: Instant] = [:]
        var last = 0
    }

    let books = FakeBooks()
    let clock: any PayClock
    private let state = Mutex(State())

    init(clock: any PayClock) {
        self.clock = clock
    }

    func answer(_ route: FakeWeChatPayRoute, _ body: [UInt8]) -> Answer {
        do throws(FakeWeChatPayRefusal) {
            switch route {
            case .create(let terminal): return try create(terminal, body)
            case .query(let number): return try query(number)
            case .close(let number): return try close(number, body)
            case .refund: return try refund(body)
            case .follow(let number): return try follow(number)
            case .certificates, .bill, .billFile: throw FakeWeChatPayRefusal(404, "RESOURCE_NOT_EXISTS")
            }
        } catch {
            return .refused(error)
        }
    }

    func next() -> Int {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }
}

// MARK: - Orders

extension FakeWeChatPayDesk {
    private func create(_ terminal: Terminal, _ body: [UInt8]) throws(FakeWeChatPayRefusal) -> Answer {
        guard let asked = FakeWeChatPayWire.decode(FakeWeChatPayWire.Create.self, body) else {
            throw FakeWeChatPayRefusal(400, "PARAM_ERROR")
        }
        guard asked.mchid == FakeWeChatPay.merchantID, FakeWeChatPay.boundAppIDs.contains(asked.appid) else {
            throw FakeWeChatPayRefusal(400, "APPID_MCHID_NOT_MATCH")
        }
        let deadline = try check(asked, terminal)
        if let openID = asked.payer?.openid, !belongs(openID, to: asked.appid) {
            throw FakeWeChatPayRefusal(500, "OPENID_MISMATCH")
        }
        let particulars = "\(terminal) \(String(decoding: body, as: UTF8.self))"
        let refusal = books.update(asked.out_trade_no) { trade -> FakeWeChatPayRefusal? in
            if let refusal = trade.flatMap({ refusalToCreate($0, particulars) }) { return refusal }
            var entered =
                trade
                ?? FakeTrade(
                    number: asked.out_trade_no, amount: asked.amount.total, currency: asked.amount.currency ?? "CNY",
                    particulars: particulars)
            entered.creates += 1
            trade = entered
            return nil
        }
        if let refusal { throw refusal }
        state.withLock { $0.appIDs[asked.out_trade_no] = asked.appid }
        return .done(status: 200, body: FakeWeChatPayWire.encode(handOut(asked.out_trade_no, terminal, deadline)))
    }

    /// An openid belongs to one appid.
    private func belongs(_ openID: String, to appID: String) -> Bool {
        state.withLock { state in
            let owner = state.owners[openID] ?? appID
            state.owners[openID] = owner
            return owner == appID
        }
    }

    func appID(of number: String) -> String { state.withLock { $0.appIDs[number] } ?? FakeWeChatPay.appID }

    /// The deadline, moved into WeChat's limits.
    private func check(
        _ asked: FakeWeChatPayWire.Create, _ terminal: Terminal
    ) throws(FakeWeChatPayRefusal) -> Instant {
        let isNumber = asked.out_trade_no.wholeMatch(of: /[0-9A-Za-z_\-|*]{6,32}/) != nil
        guard isNumber, (1...127).contains(asked.description.utf16.count), isAddress(asked.notify_url),
            asked.amount.total > 0, asked.amount.currency == "CNY", (asked.payer != nil) == (terminal == .jsapi),
            asked.payer?.openid.isEmpty != true
        else { throw FakeWeChatPayRefusal(400, "PARAM_ERROR") }
        if terminal == .h5 {
            guard let scene = asked.scene_info, scene.payer_client_ip != "127.0.0.1",
                !scene.payer_client_ip.isEmpty, ["iOS", "Android", "Wap"].contains(scene.h5_info?.type)
            else { throw FakeWeChatPayRefusal(400, "PARAM_ERROR") }
        }
        let now = clock.now()
        guard let text = asked.time_expire else { return now + .seconds(7 * 86_400) }
        guard let deadline = FakeWeChatPayWire.instant(text) else { throw FakeWeChatPayRefusal(400, "PARAM_ERROR") }
        return min(max(deadline, now + .seconds(60)), now + .seconds(15 * 86_400))
    }

    /// WeChat accepts https only. For tests, loopback may use http.
    func isAddress(_ url: String) -> Bool {
        (url.hasPrefix("https://") || url.hasPrefix("http://127.0.0.1")) && !url.contains("?") && url.utf8.count <= 255
    }

    private func refusalToCreate(_ trade: FakeTrade, _ particulars: String) -> FakeWeChatPayRefusal? {
        switch trade.state {
        case .paid, .refunded: return FakeWeChatPayRefusal(400, "ORDERPAID")
        case .closed: return FakeWeChatPayRefusal(400, "ORDER_CLOSED")
        case .unpaid:
            let deadline = state.withLock { $0.deadlines[trade.number] }
            guard let deadline, clock.now() < deadline else { return FakeWeChatPayRefusal(400, "ORDER_CLOSED") }
            return trade.particulars == particulars ? nil : FakeWeChatPayRefusal(400, "INVALID_REQUEST")
        }
    }

    /// A new page of a trade. A new `code_url` invalidates the one before it.
    private func handOut(_ number: String, _ terminal: Terminal, _ deadline: Instant) -> FakeWeChatPayWire.Opened {
        let name = "wx\(next())\(FakeWeChatPaySeal.randomText(12))"
        var opened = FakeWeChatPayWire.Opened()
        let life: Duration
        let handle: String
        switch terminal {
        case .pc:
            (handle, life) = ("weixin://wxpay/bizpayurl?pr=\(name)", .seconds(2 * 3_600))
            opened.code_url = handle
        case .h5:
            let page = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb"
            (handle, life) = ("\(page)?prepay_id=\(name)&package=\(number)", .seconds(5 * 60))
            opened.h5_url = handle
        case .app, .jsapi, .mini:
            (handle, life) = (name, .seconds(2 * 3_600))
            opened.prepay_id = handle
        }
        let endsAt = clock.now() + life
        state.withLock { state in
            if terminal == .pc { state.handouts = state.handouts.filter { $0.value.number != number } }
            state.handouts[handle] = Handout(number: number, terminal: terminal, endsAt: endsAt)
            if state.deadlines[number] == nil { state.deadlines[number] = deadline }
        }
        return opened
    }

    private func query(_ number: String) throws(FakeWeChatPayRefusal) -> Answer {
        guard let trade = books[number] else { throw FakeWeChatPayRefusal(404, "ORDER_NOT_EXIST") }
        let state =
            switch trade.state {
            case .unpaid: "NOTPAY"
            case .closed: "CLOSED"
            case .paid, .refunded: trade.refunds.isEmpty ? "SUCCESS" : "REFUND"
            }
        return .done(status: 200, body: FakeWeChatPayWire.encode(wire(trade, state: state)))
    }

    /// An unknown number is closed like any other.
    private func close(_ number: String, _ body: [UInt8]) throws(FakeWeChatPayRefusal) -> Answer {
        guard let asked = FakeWeChatPayWire.decode(FakeWeChatPayWire.Close.self, body),
            asked.mchid == FakeWeChatPay.merchantID
        else { throw FakeWeChatPayRefusal(400, "PARAM_ERROR") }
        let isPaid = books.update(number) { trade in
            guard let known = trade else { return false }
            if known.state == .unpaid { trade?.state = .closed }
            return known.isPaid
        }
        if isPaid { throw FakeWeChatPayRefusal(400, "ORDERPAID") }
        return .done(status: 204, body: [])
    }

    func wire(_ trade: FakeTrade, state: String) -> FakeWeChatPayWire.Trade {
        FakeWeChatPayWire.Trade(
            appid: appID(of: trade.number), mchid: FakeWeChatPay.merchantID, out_trade_no: trade.number,
            transaction_id: trade.transactionID, trade_type: trade.isPaid ? "NATIVE" : nil, trade_state: state,
            trade_state_desc: "状态", bank_type: trade.isPaid ? "OTHERS" : nil,
            success_time: trade.paidAt.map(FakeWeChatPayWire.time),
            amount: FakeWeChatPayWire.TradeAmount(
                total: trade.amount, payer_total: trade.isPaid ? trade.amount : nil, currency: trade.currency,
                payer_currency: trade.isPaid ? trade.currency : nil))
    }
}

// MARK: - Refunds

extension FakeWeChatPayDesk {
    /// Whether a minute has passed since the last refund of the trade, which ends with this call.
    func mayRefundAgain(_ tradeNumber: String) -> Bool {
        let now = clock.now()
        return state.withLock { state in
            guard state.refundedAt[tradeNumber].map({ now >= $0 + .seconds(60) }) != false else { return false }
            state.refundedAt[tradeNumber] = now
            return true
        }
    }
}

// MARK: - The buyer

extension FakeWeChatPayDesk {
    /// The buyer scans the code, follows the link, or lets the app call the SDK.
    func open(_ page: ProviderPage, terminal: Terminal) throws {
        let handle = try handle(of: page, terminal)
        let now = clock.now()
        let (handout, deadline) = state.withLock { state in
            let handout = state.handouts[handle]
            return (handout, handout.flatMap { state.deadlines[$0.number] })
        }
        guard let handout, handout.terminal == (terminal == .mini ? .jsapi : terminal), let deadline,
            let trade = books[handout.number]
        else { throw FakeProblem("unknown page") }
        guard now < handout.endsAt, now < deadline else { throw FakeProblem("the page has expired") }
        guard trade.state == .unpaid else { throw FakeProblem("the trade can't be paid: \(trade.state)") }
    }

    private func handle(of page: ProviderPage, _ terminal: Terminal) throws -> String {
        switch terminal {
        case .pc where page.kind == .qr: return page.content
        case .h5 where page.kind == .redirect:
            return page.content.components(separatedBy: "&redirect_url=")[0]
        case .app where page.kind == .sdk:
            let call = try JSONDecoder().decode(FakeWeChatPayAppCall.self, from: Data(page.content.utf8))
            let id = try call.checkedID()
            try checkAppID(call.appId, of: id)
            return id
        case .jsapi where page.kind == .sdk, .mini where page.kind == .sdk:
            let call = try JSONDecoder().decode(FakeWeChatPayBridgeCall.self, from: Data(page.content.utf8))
            let id = try call.checkedID(by: terminal == .mini ? .miniProgram : .officialAccount)
            try checkAppID(call.appId, of: id)
            return id
        case .pc, .h5, .app, .jsapi, .mini: throw FakeProblem("the page is not for \(terminal): \(page.kind)")
        }
    }

    /// WeChat pays a `prepay_id` only with the appid of its order.
    private func checkAppID(_ appID: String, of prepayID: String) throws {
        let number = state.withLock { $0.handouts[prepayID]?.number }
        guard number.map({ self.appID(of: $0) == appID }) != false else {
            throw FakeProblem("the prepay_id belongs to another appid")
        }
    }

    func pay(_ number: String, from states: Set<FakeTrade.State>) throws -> String {
        let transactionID = "4200\(String(next() + 1_000_000_000))"
        let now = clock.now()
        let deadline = state.withLock { $0.deadlines[number] }
        guard let deadline, now < deadline || states.contains(.closed) else {
            throw FakeProblem("the trade can't be paid any more")
        }
        let isPaid = books.update(number) { trade in
            guard let known = trade, states.contains(known.state) else { return false }
            trade?.state = .paid
            trade?.transactionID = transactionID
            trade?.paidAt = now
            return true
        }
        guard isPaid else { throw FakeProblem("\(number) can't be paid") }
        return transactionID
    }
}
