public import PayCore
import PayFlow
import Synchronization

/// The buyer at the cashier.
extension FakeAlipay {
    private static let methods: [Terminal: (method: String, product: String)] = [
        .pc: ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"), .h5: ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        .app: ("alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
    ]

    public func open(_ page: ProviderPage, terminal: Terminal) async throws {
        switch page.kind {
        case .qr: try scan(page.content)
        case .html: try open(try FakeAlipayWire.parameters(ofPage: page.content), terminal)
        case .sdk: try open(try FakeAlipayWire.parameters(page.content), terminal)
        case .redirect: throw FakeProblem("Alipay has no redirect pages")
        }
    }

    private func scan(_ text: String) throws {
        guard let code = state.withLock({ $0.codes[text] }) else { throw FakeProblem("unknown code") }
        guard clock.now() < code.diesAt else { throw FakeProblem("the code has expired") }
        try begin(code.order)
    }

    private func open(_ parameters: [String: String], _ terminal: Terminal) throws {
        guard let (method, product) = Self.methods[terminal], parameters["method"] == method else {
            throw FakeProblem("the page is not for \(terminal)")
        }
        if let mistake = mistake(in: parameters) { throw FakeProblem(mistake) }
        let mayComeBack = terminal != .app
        guard mayComeBack || parameters["return_url"] == nil else {
            throw FakeProblem("an app page must not have a return_url")
        }
        let order = try FakeAlipayOrder(
            try FakeAlipayWire.content(parameters["biz_content"] ?? ""), notifyURL: parameters["notify_url"],
            product: product, at: clock.now())
        try begin(order)
    }

    /// Creates the trade unless it exists.
    private func begin(_ order: FakeAlipayOrder) throws {
        let now = clock.now()
        guard now < order.expiresAt else { throw FakeProblem("the trade has expired") }
        let problem = books.update(order.number) { trade -> String? in
            if trade == nil {
                trade = FakeTrade(
                    number: order.number, amount: order.fen, currency: "CNY", particulars: order.particulars)
            }
            if trade?.particulars != order.particulars { return "ACQ.CONTEXT_INCONSISTENT" }
            guard trade?.state == .unpaid else {
                return trade?.isPaid == true ? "TRADE_HAS_SUCCESS" : "TRADE_HAS_CLOSE"
            }
            trade?.creates += 1
            return nil
        }
        if let problem { throw FakeProblem(problem) }
        state.withLock { state in
            if state.orders[order.number] == nil { state.orders[order.number] = order }
        }
    }

    public func pay(_ tradeNumber: String) async throws -> String {
        let now = clock.now()
        end(tradeNumber, at: now)
        let transaction = number()
        let isPaid = books.update(tradeNumber) { trade -> Bool in
            guard trade?.state == .unpaid else { return false }
            trade?.state = .paid
            trade?.transactionID = transaction
            trade?.paidAt = now
            return true
        }
        guard isPaid else { throw FakeProblem("\(tradeNumber) can't be paid") }
        return transaction
    }

    /// Closes a trade that was not paid in time.
    func end(_ tradeNumber: String, at now: Instant) {
        guard let order = order(tradeNumber), now >= order.expiresAt else { return }
        books.update(tradeNumber) { trade in
            if trade?.state == .unpaid { trade?.state = .closed }
        }
    }

    public func notice(ofPayment tradeNumber: String) throws -> FakeNotice {
        try notice(ofPayment: tradeNumber, id: "", [:])
    }

    /// `id` distinguishes the notices of one trade.
    func notice(ofPayment tradeNumber: String, id: String, _ more: [String: String]) throws -> FakeNotice {
        guard let trade = books[tradeNumber], let transaction = trade.transactionID, let paidAt = trade.paidAt else {
            throw FakeProblem("\(tradeNumber) was never paid")
        }
        let yuan = FakeAlipayWire.yuan(trade.amount)
        var fields = [
            "notify_id": "n\(transaction)\(id)", "notify_type": "trade_status_sync",
            "notify_time": FakeAlipayWire.time(clock.now()), "app_id": appID, "auth_app_id": appID, "charset": "utf-8",
            "version": "1.0", "sign_type": "RSA2", "trade_no": transaction, "out_trade_no": tradeNumber,
            "buyer_id": "2088102534368455", "buyer_logon_id": "xud***@126.com", "seller_id": sellerID,
            "trade_status": "TRADE_SUCCESS", "total_amount": yuan, "receipt_amount": yuan, "buyer_pay_amount": yuan,
            "point_amount": "0.00", "invoice_amount": yuan, "subject": order(tradeNumber)?.subject ?? "",
            "gmt_create": FakeAlipayWire.time(paidAt), "gmt_payment": FakeAlipayWire.time(paidAt),
            "fund_bill_list": "[{\"amount\":\"\(yuan)\",\"fundChannel\":\"ALIPAYACCOUNT\"}]",
        ]
        fields.merge(more) { $1 }
        fields["sign"] = try sign(FakeAlipayWire.signedText(fields, without: ["sign", "sign_type"]))
        fields["alipay_cert_sn"] = certificateNumber
        return FakeNotice(
            headers: [FakeHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            text: FakeAlipayWire.form(fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }))
    }
}
