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

/// Tells the service of a payment or a refund until it is thanked.
final class NoticeSender: @unchecked Sendable {
    /// How long a provider waits before each further notice.
    private static let pauses: [Duration] = [
        .seconds(15), .seconds(15), .seconds(30), .seconds(180), .seconds(600), .seconds(1_800), .seconds(3_600),
    ]

    private let world: World
    private let channel: Channel
    private let body: [UInt8]
    private let what: String
    /// Whether it is told again until it is thanked, however long that takes.
    private let neverGivesUp: Bool
    private var isThanked = false

    init(_ body: [UInt8], _ what: String, from channel: Channel, neverGivesUp: Bool = true, in world: World) {
        self.world = world
        self.channel = channel
        self.body = body
        self.what = what
        self.neverGivesUp = neverGivesUp
    }

    convenience init(_ receipt: Receipt, in world: World) {
        let text = NoticeText(receipt)
        self.init(text.body, text.tradeNumber, from: receipt.channel, neverGivesUp: false, in: world)
    }

    /// As ``begin()``, unless the provider forgets it; false when it will never tell.
    func beginUnlessForgotten() -> Bool {
        guard !world.dice.chance(world.weather.lostNotices) else {
            world.tally[.lostNotices] += 1
            world.trace.write(world.now, "\(channel)", "will never tell of \(what)")
            return false
        }
        begin()
        return true
    }

    func begin() {
        let isLate = world.dice.chance(world.weather.lateNotices)
        let longest: Duration = isLate ? .seconds(180) : .seconds(2)
        send(0, after: world.dice.duration(.milliseconds(20)...longest))
        if world.dice.chance(world.weather.repeatedNotices) {
            world.tally[.repeatedNotices] += 1
            send(nil, after: world.dice.duration(.milliseconds(20)...longest))
        }
    }

    /// - Parameter try: how many were sent before; nil for a repetition that nobody asked for.
    private func send(_ try: Int?, after pause: Duration) {
        world.at(world.now + pause, isEssential: true) { [self] in
            guard !isThanked else { return }
            if let `try`, neverGivesUp || `try` < Self.pauses.count {
                send(`try` + 1, after: Self.pauses[min(`try`, Self.pauses.count - 1)])
            }
            guard let process = world.anyProcess() else { return }
            world.tally[.notices] += 1
            world.stir()
            world.trace.write(world.now, "\(channel)", "notice of \(what) to \(process.name)")
            world.call("notice of \(what)") { [self] in
                let reply = await process.flows.settle(RawNotice(headers: [], body: body), from: channel)
                guard process.isAlive, reply?.status == 200 else { return }
                // The thanks may be lost: then it is told again.
                if !world.dice.chance(world.weather.lostAnswers) { isThanked = true }
            }
        }
    }
}
