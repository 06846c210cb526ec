import PayCore
import PayFlow

/// A payment, as a provider writes of it.
struct NoticeText {
    let id: String
    let tradeNumber: String
    private let transactionID: String
    private let amount: Int64
    private let currencyCode: String
    private let paidAt: Instant

    init(_ receipt: Receipt) {
        id = "notice_\(receipt.transactionID)"
        tradeNumber = receipt.tradeNumber.text
        transactionID = receipt.transactionID.text
        amount = receipt.amount
        currencyCode = receipt.currencyCode
        paidAt = receipt.paidAt
    }

    init?(_ body: [UInt8]) {
        let words = String(decoding: body, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 6, let amount = Int64(words[3]), let paidAt = Int64(words[5]) else { return nil }
        id = words[0]
        tradeNumber = words[1]
        transactionID = words[2]
        self.amount = amount
        currencyCode = words[4]
        self.paidAt = Instant(milliseconds: paidAt)
    }

    var body: [UInt8] {
        Array("\(id) \(tradeNumber) \(transactionID) \(amount) \(currencyCode) \(paidAt.milliseconds)".utf8)
    }

    func receipt(from channel: Channel) -> Receipt? {
        guard let trade = TradeNumber(tradeNumber), let transaction = TransactionID(transactionID) else { return nil }
        return Receipt(
            channel: channel, tradeNumber: trade, transactionID: transaction, amount: amount,
            currencyCode: currencyCode, paidAt: paidAt, namesOurAccount: true)
    }
}

/// Tells the service of a payment until it is thanked, or gives up, or forgets to begin with.
final class NoticeSender: @unchecked Sendable {
    /// How long a provider waits before each further notice.
    private static let pauses: [Duration] = [
        .seconds(15), .seconds(15), .seconds(30), .seconds(180), .seconds(600), .seconds(1_800), .seconds(3_600),
    ]

    private let world: World
    private let channel: Channel
    private let text: NoticeText
    private var isThanked = false

    init(_ receipt: Receipt, in world: World) {
        self.world = world
        channel = receipt.channel
        text = NoticeText(receipt)
    }

    /// False when the provider will never tell of it.
    func begin() -> Bool {
        guard !world.dice.chance(world.weather.lostNotices) else {
            world.tally[.lostNotices] += 1
            world.trace.write(world.now, "\(channel)", "will never tell of \(text.tradeNumber)")
            return false
        }
        let isLate = world.dice.chance(world.weather.lateNotices)
        let longest: Duration = isLate ? .seconds(180) : .seconds(2)
        send(0, after: world.dice.duration(.milliseconds(20)...longest))
        if world.dice.chance(world.weather.repeatedNotices) {
            world.tally[.repeatedNotices] += 1
            send(Self.pauses.count, after: world.dice.duration(.milliseconds(20)...longest))
        }
        return true
    }

    private func send(_ try: Int, after pause: Duration) {
        world.at(world.now + pause, isEssential: true) { [self] in
            guard !isThanked else { return }
            if `try` < Self.pauses.count { send(`try` + 1, after: Self.pauses[`try`]) }
            guard let process = world.anyProcess() else { return }
            world.tally[.notices] += 1
            world.trace.write(world.now, "\(channel)", "notice of \(text.tradeNumber), paid, to \(process.name)")
            world.call("notice of \(text.tradeNumber)") { [self] in
                let reply = await process.flows.settle(RawNotice(headers: [], body: text.body), from: channel)
                guard process.isAlive, reply?.status == 200 else { return }
                // The thanks may be lost: then it is told again.
                if !world.dice.chance(world.weather.lostAnswers) { isThanked = true }
            }
        }
    }
}
