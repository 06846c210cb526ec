import PayCore
import PayFlow
import Synchronization

/// The gateway: one URL for all methods.
extension FakeAlipay {
    /// The fields of an answer's node, in order.
    typealias Fields = [(name: String, value: String)]

    private static let operations: [String: FakeOperation] = [
        "alipay.trade.precreate": .create, "alipay.trade.query": .query, "alipay.trade.close": .close,
        "alipay.trade.refund": .refund, "alipay.trade.fastpay.refund.query": .follow,
    ]

    private static let billMethod = "alipay.data.dataservice.bill.downloadurl.query"
    private static let certificateMethod = "alipay.open.app.alipaycert.download"

    func answer(_ request: FakeRequest) async -> FakeReply {
        if request.method == "GET", request.path == "/downloadBillFile.resource" { return billFile(request) }
        let query = (try? FakeAlipayWire.parameters(request.query ?? "")) ?? [:]
        guard request.method == "POST", request.path == "/gateway.do", let method = query["method"],
            [Self.billMethod, Self.certificateMethod].contains(method) || Self.operations[method] != nil
        else { return reply("error_response", Self.gatewayError("40002", "isv.invalid-method"), .none) }
        if let operation = Self.operations[method] { state.withLock { $0.calls[operation, default: 0] += 1 } }
        let node = method.replacing(".", with: "_") + "_response"
        guard let body = try? FakeAlipayWire.parameters(request.text),
            let parameters = Optional(query.merging(body) { _, _ in "twice" }),
            request.header("Content-Type")?.hasPrefix("application/x-www-form-urlencoded") == true
        else { return reply(node, Self.gatewayError("40002", "isv.invalid-parameter"), .none) }
        // The gateway must know the charset before it reads the body.
        if query["charset"] == nil { return reply(node, Self.gatewayError("40002", "isv.invalid-charset"), .none) }
        if let mistake = mistake(in: parameters) { return reply(node, Self.gatewayError("40002", mistake), .none) }
        guard let operation = Self.operations[method] else {
            let content = (try? FakeAlipayWire.content(parameters["biz_content"] ?? "")) ?? [:]
            let isBill = method == Self.billMethod
            return reply(node, isBill ? billAddress(content) : certificate(content), .alipay)
        }
        return await faults.answer(operation) { fault in perform(operation, parameters, node, fault) }
    }

    /// The sub-code of a refusal before the content is read; nil if there is none.
    func mistake(in parameters: [String: String]) -> String? {
        if parameters.values.contains("") { return "isv.invalid-parameter" }
        if parameters["app_id"] != appID { return "isv.invalid-app-id" }
        if parameters["sign_type"] != "RSA2" { return "isv.invalid-signature-type" }
        if parameters["charset"] != "utf-8" || parameters["version"] != "1.0" { return "isv.invalid-charset" }
        if parameters["format"].map({ $0 != "JSON" }) == true { return "isv.invalid-format" }
        if let mistake = certificateMistake(in: parameters) { return mistake }
        let signed = FakeAlipayWire.signedText(parameters, without: ["sign"])
        guard let signature = parameters["sign"], keys.isSignedByApplication(signed, signature) else {
            return "isv.invalid-signature"
        }
        let signedAt = try? FakeAlipayWire.instant(parameters["timestamp"] ?? "")
        guard let signedAt, signedAt <= clock.now() else { return "isv.invalid-timestamp" }
        return nil
    }

    private func perform(
        _ operation: FakeOperation, _ parameters: [String: String], _ node: String, _ fault: FakeFault?
    ) -> FakeReply {
        switch fault {
        case .error: return .answer(500, "text/html", "<html><body>500 Internal Server Error</body></html>")
        case .refused: return reply(node, Self.refusal("ACQ.INVALID_PARAMETER"), .alipay)
        case .unlisted: return reply(node, Self.refusal("ACQ.SELLER_BEEN_BLOCKED"), .alipay)
        case .lowBalance: return reply(node, Self.refusal("ACQ.SELLER_BALANCE_NOT_ENOUGH"), .alipay)
        case .closeTooEarly: return reply(node, Self.refusal("ACQ.REASON_TRADE_STATUS_INVALID"), .alipay)
        case .noSuchTrade: return reply(node, Self.refusal("ACQ.TRADE_NOT_EXIST"), .alipay)
        case .tooOften: return reply(node, Self.gatewayError("40005", "isv.app-call-limited"), .none)
        case .garbage, .unsigned, .badlySigned, .timeout, .lost, .slow, nil: break
        }
        let fields = fields(of: operation, parameters)
        switch fault {
        case .garbage: return .answer(200, "text/html;charset=utf-8", "{\"\(node)\":{\"code\":\"10000\"")
        case .unsigned: return reply(node, fields, .none)
        case .badlySigned: return reply(node, fields, .somebody)
        default: return reply(node, fields, .alipay)
        }
    }

    private func fields(of operation: FakeOperation, _ parameters: [String: String]) -> Fields {
        guard let content = try? FakeAlipayWire.content(parameters["biz_content"] ?? "") else {
            return Self.refusal("ACQ.INVALID_PARAMETER")
        }
        switch operation {
        case .create: return precreate(content, notifyURL: parameters["notify_url"])
        case .query: return query(content)
        case .close: return close(content)
        case .refund: return refund(content)
        case .follow: return follow(content)
        }
    }

    private func precreate(_ content: [String: String], notifyURL: String?) -> Fields {
        let now = clock.now()
        let asked = try? FakeAlipayOrder(content, notifyURL: notifyURL, product: "FACE_TO_FACE_PAYMENT", at: now)
        guard let order = asked, now < order.expiresAt, content["quit_url"] == nil else {
            return Self.refusal("ACQ.INVALID_PARAMETER")
        }
        if let trade = books[order.number] {
            if trade.isPaid { return Self.refusal("ACQ.TRADE_HAS_SUCCESS") }
            if trade.state == .closed { return Self.refusal("ACQ.TRADE_HAS_CLOSE") }
            if trade.particulars != order.particulars { return Self.refusal("ACQ.CONTEXT_INCONSISTENT") }
        }
        let code = "https://qr.alipay.com/bax\(number())"
        let isFirst = state.withLock { state in
            guard !state.codes.values.contains(where: { $0.order.number == order.number }) else { return false }
            state.codes[code] = Code(order: order, diesAt: min(order.expiresAt, now + .seconds(7_200)))
            return true
        }
        guard isFirst else { return Self.refusal("ACQ.APPLY_PC_MERCHANT_CODE_ERROR") }
        return Self.success([("out_trade_no", order.number), ("qr_code", code)])
    }

    /// The trade in a content, by our number or Alipay's.
    func trade(_ content: [String: String]) -> FakeTrade? {
        if let transaction = content["trade_no"] { return books.first { $0.transactionID == transaction } }
        guard let number = content["out_trade_no"] else { return nil }
        end(number, at: clock.now())
        return books[number]
    }

    private func query(_ content: [String: String]) -> Fields {
        guard Set(content.keys) == ["out_trade_no"] else { return Self.refusal("ACQ.INVALID_PARAMETER") }
        guard let trade = trade(content) else { return Self.refusal("ACQ.TRADE_NOT_EXIST") }
        let status =
            switch trade.state {
            case .unpaid: "WAIT_BUYER_PAY"
            case .paid: "TRADE_SUCCESS"
            // Alipay uses one state for refunded in full and for closed unpaid.
            case .closed, .refunded: "TRADE_CLOSED"
            }
        let paid = trade.isPaid ? FakeAlipayWire.yuan(trade.amount) : "0.00"
        var fields: Fields = [
            ("buyer_logon_id", "xud***@126.com"), ("buyer_pay_amount", paid), ("buyer_user_id", "2088102534368455"),
            ("invoice_amount", paid), ("out_trade_no", trade.number), ("point_amount", "0.00"),
            ("receipt_amount", paid),
        ]
        if let paidAt = trade.paidAt { fields.append(("send_pay_date", FakeAlipayWire.time(paidAt))) }
        fields += [
            ("total_amount", FakeAlipayWire.yuan(trade.amount)), ("trade_no", trade.transactionID ?? "2026112222001"),
            ("trade_status", status),
        ]
        return Self.success(fields)
    }

    private func close(_ content: [String: String]) -> Fields {
        guard Set(content.keys) == ["out_trade_no"] else { return Self.refusal("ACQ.INVALID_PARAMETER") }
        guard let trade = trade(content) else { return Self.refusal("ACQ.TRADE_NOT_EXIST") }
        let isClosed = books.update(trade.number) { trade in
            guard trade?.state == .unpaid else { return false }
            trade?.state = .closed
            return true
        }
        guard isClosed else { return Self.refusal("ACQ.TRADE_STATUS_ERROR") }
        return Self.success([("out_trade_no", trade.number), ("trade_no", "2026112222001")])
    }
}

extension FakeAlipay {
    private enum Signer {
        case alipay, somebody, none
    }

    static func success(_ fields: Fields) -> Fields { [("code", "10000"), ("msg", "Success")] + fields }

    static func refusal(_ subCode: String) -> Fields {
        [("code", "40004"), ("msg", "Business Failed"), ("sub_code", subCode), ("sub_msg", "交易失败 \(subCode)")]
    }

    /// The gateway signs none of its own errors.
    private static func gatewayError(_ code: String, _ subCode: String) -> Fields {
        [("code", code), ("msg", "Invalid Arguments"), ("sub_code", subCode), ("sub_msg", "验签出错 \(subCode)")]
    }

    /// Alipay declares its JSON as HTML, and answers 200 to every request that it can parse.
    private func reply(_ node: String, _ fields: Fields, _ signer: Signer) -> FakeReply {
        do {
            let text = try FakeAlipayWire.json(fields)
            let signature: String? =
                switch signer {
                case .alipay: try sign(text)
                case .somebody: try keys.signAsSomebody(text)
                case .none: nil
                }
            let sign = signature.map { ",\"sign\":\"\($0)\"" } ?? ""
            // Only a signed reply names a certificate.
            let named = signature.flatMap { _ in certificateNumber }.map { ",\"alipay_cert_sn\":\"\($0)\"" } ?? ""
            return .answer(
                200, "text/html;charset=utf-8",
                "{\"\(node)\":\(text)\(namesCertificateFirst ? named + sign : sign + named)}")
        } catch {
            return .answer(500, "text/plain", "the fake broke")
        }
    }
}
