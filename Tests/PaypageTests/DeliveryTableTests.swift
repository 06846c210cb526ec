import ArgumentParser
import PayCore
import PayFlow
import Testing

@testable import paypage

@Suite struct DeliveryTableTests {
    private let noon = Instant(milliseconds: 1_795_348_800_000)

    private func record(
        _ id: Int64, _ state: DeliveryState, tries: Int, deliveredAt: Instant? = nil, lastAnswer: String? = nil
    ) -> DeliveryRecord {
        DeliveryRecord(
            id: DeliveryID(id)!, event: EventID(id)!, order: OrderNumber("order_\(id)")!, kind: .orderPaid,
            occurredAt: noon, state: state,
            tries: tries, nextAt: noon + .seconds(30), deliveredAt: deliveredAt, lastAnswer: lastAnswer)
    }

    @Test func `webhooks are printed in columns, each with its state`() {
        let table = DeliveryTable([
            record(117, .pending, tries: 2, lastAnswer: "answered with 500"),
            record(9, .delivered, tries: 1, deliveredAt: noon + .seconds(1), lastAnswer: "accepted"),
            record(8, .parked, tries: 13, lastAnswer: "connection failed; the request was not sent"),
            record(7, .pending, tries: 0),
        ])
        let lines = table.text.split(separator: "\n").map { $0.split(separator: /\s{2,}/).map(String.init) }
        #expect(lines[0] == ["ID", "EVENT", "ENDPOINT", "ORDER", "OCCURRED", "STATE", "TRIES", "LAST ANSWER"])
        #expect(
            lines[1] == [
                "117", "order.paid", "default", "order_117", "2026-11-22T12:00:00Z",
                "pending, next 2026-11-22T12:00:30Z", "2", "answered with 500",
            ])
        #expect(lines[2][5...] == ["delivered 2026-11-22T12:00:01Z", "1", "accepted"])
        #expect(lines[3][5...].prefix(2) == ["parked", "13"])
        #expect(lines[4].suffix(2) == ["0", "-"])
    }

    @Test func `an empty list of webhooks prints no webhooks`() {
        #expect(DeliveryTable([]).text == "no webhooks")
    }

    @Test(arguments: [[], ["7", "--parked"], ["0"], ["-1"], ["seven"], ["99999999999999999999"]])
    func `deliveries resend takes IDs or --parked, and not both`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Deliveries.parseAsRoot(["resend"] + arguments) }
    }

    @Test(arguments: [["--state", "lost"], ["--order", "x"], ["--limit", "0"], ["--limit", "10001"]])
    func `deliveries list refuses an invalid filter`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Deliveries.parseAsRoot(["list"] + arguments) }
    }

    @Test func `deliveries list and resend accept their documented arguments`() throws {
        #expect(try Deliveries.parseAsRoot(["list", "--state", "parked", "--order", "order_1"]) is Deliveries.List)
        #expect(try Deliveries.parseAsRoot(["resend", "7", "9"]) is Deliveries.Resend)
        #expect(try Deliveries.parseAsRoot(["resend", "--parked"]) is Deliveries.Resend)
    }
}
