import PayCore
import PayFlow

/// An endpoint of the merchant's own servers, which is told of events: it may be down for a while, slow, say no, or take a message and
/// never say so.
final class Receiver: @unchecked Sendable {
    /// The endpoints of each world. Both get every event.
    static let names: [EndpointName] = [.standard, EndpointName("mirror")!]

    private let world: World
    let name: EndpointName
    /// The messages that were taken, without repetitions, in their order, for each order.
    private(set) var taken: [OrderNumber: [EventMessage]] = [:]
    var isDownUntil: Instant?

    init(_ name: EndpointName, _ world: World) {
        self.name = name
        self.world = world
    }

    /// Takes a message as the network brings it, or not; nil where no answer will come.
    func take(_ delivery: EventMessage) -> DeliveryAnswer? {
        let dice = world.dice
        if let isDownUntil, world.now < isDownUntil { return dice.chance(0.5) ? nil : .refused(status: 503) }
        if dice.chance(world.weather.refusals * 5) { return .refused(status: 500) }
        let number = delivery.order.number
        if let known = taken[number]?.first(where: { $0.id == delivery.id }) {
            if !known.says(delivery) {
                world.fail(.everyDelivery, "message \(delivery.id) of \(number) came to \(name) with other particulars")
            }
        } else {
            world.tally[.deliveries] += 1
            taken[number, default: []].append(delivery)
            checkOrder(of: number)
        }
        return dice.chance(world.weather.lostAnswers) ? nil : .accepted
    }

    private func checkOrder(of number: OrderNumber) {
        let ids = (taken[number] ?? []).map(\.id)
        if ids != ids.sorted() { world.fail(.everyDelivery, "messages of \(number) came to \(name) as \(ids)") }
    }
}

extension EventMessage {
    /// Whether another sending says the same. A payment that is judged again is stored with its account put right, which
    /// no message tells.
    fileprivate func says(_ other: EventMessage) -> Bool {
        event == other.event && order == other.order && refund == other.refund && difference == other.difference
            && payment?.transactionID == other.payment?.transactionID && payment?.amount == other.payment?.amount
            && payment?.paidAt == other.payment?.paidAt
    }
}

/// The way from one process to the merchant's server.
struct MerchantWire: EventReceiver {
    let process: ServiceProcess

    func deliver(_ message: EventMessage, to endpoint: EndpointName) async -> DeliveryReply {
        DeliveryReply(await answer(message, of: process.world.receivers[endpoint]))
    }

    private func answer(_ message: EventMessage, of receiver: Receiver?) async -> DeliveryAnswer {
        let world = process.world
        let silence = DeliveryAnswer.unanswered(reason: "no answer")
        guard process.isAlive, !process.diesNow("before a delivery") else { return silence }
        let isSlow = world.dice.chance(world.weather.slowRequests)
        let longest: Duration = isSlow ? DeliverEvents.sendingTimeout : .milliseconds(200)
        let takes = world.dice.duration(.milliseconds(5)...longest)
        guard await process.wait(for: takes) else { return silence }
        let answer = receiver?.take(message)
        world.trace.write(
            world.now, "merchant \(receiver.map { "\($0.name)" } ?? "")",
            "is told \(message.event.kind.rawValue) of \(message.order.number): "
                + "\(answer.map { $0.words } ?? "no answer")")
        if answer != .accepted { world.tally[.failedDeliveries] += 1 }
        let rest = answer == nil ? DeliverEvents.sendingTimeout - takes : .milliseconds(5)
        guard await process.wait(for: rest), !process.diesNow("behind a delivery") else { return silence }
        return answer ?? silence
    }
}
