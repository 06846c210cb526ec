import PayCore
import PayProviders

extension SandboxBooks {
    /// The bill of a day, or the reason that there is none.
    func bill(_ name: SandboxWire.BillName, _ trouble: BillTrouble?, at now: Instant) -> SandboxContent {
        guard let day = BillDay(name.date) else { return .answer(SandboxWire.Answer(code: .invalidParameter)) }
        guard now >= day.end || trouble == .early else { return .answer(SandboxWire.Answer(code: .billNotReady)) }
        let lines = allTrades().filter { $0.particulars.channel == name.channel }.flatMap { $0.billLines(of: day) }
            .sorted { ($0.at, $0.text) < ($1.at, $1.text) }
        guard !lines.isEmpty else { return .answer(SandboxWire.Answer(code: .noBill)) }
        let texts = lines.dropLast(trouble == .missingLine ? 1 : 0).map(\.text)
        let header = SandboxWire.Bill.columns.joined(separator: ",")
        let file = [header] + texts + ["\(SandboxWire.Bill.total),\(texts.count)"]
        return .bill(Array(file.map { $0 + "\n" }.joined().utf8))
    }
}

/// A line of a bill.
private struct SandboxBillLine {
    let at: Instant
    let text: String

    init(_ kind: String, _ trade: SandboxTrade, _ payment: SandboxWire.Payment, refund: SandboxRefund?, at: Instant) {
        self.at = at
        text = [
            kind, trade.number, payment.transactionID, refund?.number ?? "", "\(refund?.amount ?? payment.amount)",
            payment.currency, CivilTime(at).text { $0.writeExactTimestamp(to: &$1) },
        ].joined(separator: ",")
    }
}

extension SandboxTrade {
    fileprivate func billLines(of day: BillDay) -> [SandboxBillLine] {
        guard let payment else { return [] }
        let paidAt = Instant(milliseconds: payment.paidAtMS)
        let lines =
            [SandboxBillLine("payment", self, payment, refund: nil, at: paidAt)]
            + refunds.map { SandboxBillLine("refund", self, payment, refund: $0, at: $0.at) }
        return lines.filter { day.contains($0.at) }
    }
}
