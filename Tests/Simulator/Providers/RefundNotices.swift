import PayCore
import PayFlow

/// A refund, as a provider writes of it.
struct RefundText {
    let id: String
    let tradeNumber: String
    let refundNumber: String
    private let transactionID: String
    /// Nil for money that did not move, or came back.
    private let arrivedAt: Instant?

    init(_ given: GivenBack, of payment: Receipt, arrivedAt: Instant?) {
        id = "notice_\(given.number)_\(arrivedAt == nil ? "closed" : "arrived")"
        tradeNumber = payment.tradeNumber.text
        refundNumber = given.number
        transactionID = payment.transactionID.text
        self.arrivedAt = arrivedAt
    }

    init?(_ body: [UInt8]) {
        let words = String(decoding: body, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 6, words[0] == "refund", let time = Int64(words[5]) else { return nil }
        id = words[1]
        tradeNumber = words[2]
        refundNumber = words[3]
        transactionID = words[4]
        arrivedAt = time == 0 ? nil : Instant(milliseconds: time)
    }

    var body: [UInt8] {
        let time = arrivedAt?.milliseconds ?? 0
        return Array("refund \(id) \(tradeNumber) \(refundNumber) \(transactionID) \(time)".utf8)
    }

    var notice: ProviderNotice {
        let answer: RefundAnswer = arrivedAt.map { .succeeded(at: $0) } ?? .closed(reason: "ACCOUNT_CLOSED")
        return ProviderNotice(
            id: id, tradeNumber: tradeNumber, content: .refund(number: refundNumber, answer),
            about: ProviderReference(transactionID))
    }
}

extension World {
    /// Plans the notices of a refund that the provider has just accepted.
    func tell(of given: GivenBack, _ payment: Receipt) {
        if given.everArrives {
            plan(RefundText(given, of: payment, arrivedAt: given.arrivesAt), from: payment.channel, at: given.arrivesAt)
        }
        if let isOverAt = given.isOverAt {
            plan(RefundText(given, of: payment, arrivedAt: nil), from: payment.channel, at: isOverAt)
        }
    }

    private func plan(_ text: RefundText, from channel: Channel, at instant: Instant) {
        at(max(instant, now), isEssential: true) { [self] in
            // Without a bill, a lost notice would never be made good.
            let isLost = setting.hasBills && dice.chance(setting.weather.lostNotices)
            guard !isLost else {
                tally[.lostNotices] += 1
                return trace.write(now, "\(channel)", "will never tell of refund \(text.refundNumber)")
            }
            NoticeSender(text.body, "refund \(text.refundNumber)", from: channel, in: self).begin()
        }
    }
}
