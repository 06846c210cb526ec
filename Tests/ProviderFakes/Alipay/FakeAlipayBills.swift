import PayCore
import PayFlow
import Synchronization

/// Alipay's business bill: a zip file of two CSV files in GBK.
extension FakeAlipay {
    struct BillAddress {
        let file: [UInt8]
        let endsAt: Instant
    }

    private static let header =
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,"
        + "支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"

    /// The next bill has this fault.
    public func armBill(_ fault: FakeBillFault) { state.withLock { $0.billFault = fault } }

    /// The next bill's file is stored in the archive without compression.
    public func storeBills() { state.withLock { $0.storesBills = true } }

    /// The answer to a request for a bill's address.
    func billAddress(_ content: [String: String]) -> Fields {
        if state.withLock({ $0.billFault == .creating }) { return Self.refusal("BILL_NOT_EXIST") }
        guard Set(content.keys) == ["bill_type", "bill_date"], content["bill_type"] == "trade",
            let day = content["bill_date"].flatMap({ BillDay($0) }), day.end <= clock.now()
        else { return Self.refusal("INVAILID_ARGUMENTS") }
        let rows = rows(of: day)
        guard !rows.isEmpty else { return Self.refusal("BILL_NOT_EXIST") }
        let token = number()
        let now = clock.now()
        let file = archive(rows, day)
        let isElsewhere = state.withLock { state in
            state.bills[token] = BillAddress(file: file, endsAt: now + .seconds(30))
            return state.billFault == .elsewhere
        }
        let url =
            "\(isElsewhere ? "https://bills.example" : baseURL)/downloadBillFile.resource?bizType=trade"
            + "&userId=\(sellerID)0156&fileType=csv.zip&bizDates=\(day.description.replacing("-", with: ""))"
            + "&timestamp=\(now.milliseconds)&token=\(token)"
        return Self.success([("bill_download_url", url)])
    }

    /// The file, or the page of an address whose time is over.
    func billFile(_ request: FakeRequest) -> FakeReply {
        let token = (try? FakeAlipayWire.parameters(request.query ?? ""))?["token"] ?? ""
        let (bill, fault) = state.withLock { ($0.bills[token], $0.billFault) }
        guard request.header("User-Agent")?.isEmpty == false else { return .answer(403, "text/html", "403") }
        if fault == .errorPage { state.withLock { $0.billFault = nil } }
        guard let bill, clock.now() < bill.endsAt, fault != .errorPage else {
            return .answer(
                status: 200, headers: [FakeHeader("Content-Type", "text/html;charset=GBK")],
                body: FakeFiles.gbk("<html>下载超时，请重新下载</html>"))
        }
        var file = bill.file
        switch fault {
        case .serverError: return .answer(502, "text/html", "<html>502</html>")
        case .cut: file = Array(file.prefix(file.count / 2))
        // The middle of the archive is inside the rows.
        case .changed: file[file.count / 2] ^= 1
        default: break
        }
        return .answer(
            status: 200, headers: [FakeHeader("Content-Type", "application/octet-stream")], body: file)
    }

    private func rows(of day: BillDay) -> [(isRefund: Bool, at: Instant, text: String)] {
        books.all.flatMap { trade -> [(isRefund: Bool, at: Instant, text: String)] in
            guard let paidAt = trade.paidAt else { return [] }
            let payment = [(false, paidAt, row(trade, "交易", paidAt, paidAt, trade.amount, ""))]
            let refunds = trade.refunds.filter(\.isDone).compactMap { refund in
                (refund.doneAt ?? refund.at).map {
                    (true, $0, row(trade, "退款", paidAt, $0, -refund.amount, refund.number))
                }
            }
            return payment + refunds
        }.filter { day.contains($0.at) }.sorted { $0.at < $1.at }
    }

    private func row(
        _ trade: FakeTrade, _ type: String, _ createdAt: Instant, _ at: Instant, _ fen: Int64, _ refundNumber: String
    ) -> String {
        let yuan = FakeAlipayWire.yuan(fen)
        let subject = order(trade.number)?.subject ?? ""
        let times = "\(FakeAlipayWire.time(createdAt)),\(FakeAlipayWire.time(at))"
        return "\(trade.transactionID ?? "")\t,\(trade.number)\t,\(type)\t,\(subject),\(times),\t,\t,\t,\t,"
            + "*某某(100***@example.com)\t,\(yuan),\(yuan),0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,"
            + "\(refundNumber)\t,0.00,0.00,\(subject)"
    }

    private func archive(_ rows: [(isRefund: Bool, at: Instant, text: String)], _ day: BillDay) -> [UInt8] {
        let refunds = rows.count { $0.isRefund }
        let account = "\(sellerID)0156"
        let lines =
            [
                "#支付宝业务明细查询", "#账号：[\(account)]", "#起始日期：[\(day) 00:00:00]   终止日期：[\(day.next) 00:00:00]",
                "#-----------------------------------------业务明细列表----------------------------------------",
                Self.header,
            ] + rows.map(\.text) + [
                "#-----------------------------------------业务明细列表结束------------------------------------",
                "#交易合计：\(rows.count - refunds)笔，商家实收共0.00元，商家优惠共0.00元",
                "#退款合计：\(refunds)笔，商家实收退款共0.00元，商家优惠退款共0.00元", "#导出时间：[\(FakeAlipayWire.time(clock.now()))]",
            ]
        let date = day.description.replacing("-", with: "")
        let isDeflated = !state.withLock(\.storesBills)
        // The file with the sums comes first, so that no client may take the first entry.
        return FakeFiles.zip([
            FakeFiles.Entry(
                name: FakeFiles.gbk("\(account)_\(date)_业务明细(汇总).csv"),
                content: FakeFiles.gbk("#支付宝业务汇总查询\r\n门店编号,交易订单总笔数\r\n合计,\(rows.count)\r\n"),
                isDeflated: isDeflated),
            FakeFiles.Entry(
                name: FakeFiles.gbk("\(account)_\(date)_业务明细.csv"),
                content: FakeFiles.gbk(lines.map { $0 + "\r\n" }.joined()), isDeflated: isDeflated),
        ])
    }
}
