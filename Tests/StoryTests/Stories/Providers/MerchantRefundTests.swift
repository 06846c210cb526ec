import Foundation
import PayProviders
import ProviderFakes
import Testing

/// A merchant refunds a payment through the running program.
@Suite(.timeLimit(.minutes(3))) struct MerchantRefundTests {
    // Time-outs must occur here, and soon.
    private static let hasty = ["PAYPAGE_PROVIDER_TIMEOUT": "2s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "2s"]

    /// A paid order of 9,900.
    private func pay(_ order: String, on name: PlayedName, _ play: Play) async throws {
        let page = try await play.firstPage(order, on: name)
        try await play.open(page, on: name)
        try await play.payAndTell("\(order)_1", on: name)
        _ = try await play.wait(order, until: "paid")
    }

    /// Waits until the refund has this state, and finishes it at a provider that takes its time.
    private func wait(for number: String, of order: String, on name: PlayedName, _ play: Play) async throws {
        try await poll("\(number) of \(order) succeeds", within: .seconds(120)) {
            for refund in await play.players[name].trade("\(order)_1")?.refunds ?? [] where !refund.isDone {
                try await play.players[name].finishRefund(refund.number)
            }
            return try await play.service.refundState(number, of: order) == "succeeded" ? () : nil
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `a kill in the middle of a partial refund leaves one refund of that part`(_ name: PlayedName) async throws {
        try await Play.run(Self.hasty) { play in
            let order = "back_\(name)"
            try await pay(order, on: name, play)
            play.players[name].arm(.lost, on: .refund)
            #expect(try await play.service.refund(order, #"{"refund_no":"R1","amount":6000}"#) == 201)
            try await poll("the provider was asked", within: .seconds(60)) {
                play.players[name].calls(.refund) >= 1 ? () : nil
            }
            let next = try await play.crashAndStartAgain {}
            // The shop's own call was cut off, so that it repeats it.
            #expect(try await next.service.refund(order, #"{"refund_no":"R1","amount":6000}"#) == 200)
            #expect(try await next.service.refund(order, #"{"refund_no":"R2","amount":3901}"#) == 409)
            try await wait(for: "R1", of: order, on: name, next)
            let booked = try await next.service.booked(order)
            #expect(booked.refunds.map(\.refund_no) == ["R1"] && booked.refunds.map(\.amount) == [6_000])
            #expect(await next.players[name].trade("\(order)_1")?.refunds.map(\.amount) == [6_000])
        }
    }

    /// WeChat Pay takes a second refund only after a minute.
    @Test(arguments: [PlayedName.alipay, .stripe])
    func `two partial refunds give back the whole payment, and then nothing is left`(_ name: PlayedName) async throws {
        try await Play.run { play in
            let order = "parts_\(name)"
            try await pay(order, on: name, play)
            #expect(try await play.service.refund(order, #"{"refund_no":"R1","amount":6000}"#) == 201)
            try await wait(for: "R1", of: order, on: name, play)
            #expect(try await play.service.refund(order, #"{"refund_no":"R2","refundable":9900}"#) == 412)
            #expect(try await play.service.refund(order, #"{"refund_no":"R2","refundable":3900}"#) == 201)
            try await wait(for: "R2", of: order, on: name, play)
            #expect(try await play.service.refund(order, #"{"refund_no":"R3"}"#) == 409)
            #expect(await play.players[name].trade("\(order)_1")?.refunds.map(\.amount) == [6_000, 3_900])
        }
    }

    @Test func `two concurrent refunds of more than half of a payment are one refund and one refusal`() async throws {
        try await Story.run { story, sandbox, first in
            let second = try await story.startService(sandbox)
            #expect(try await first.firstPay("race").status == 201)
            #expect(try await sandbox.press("race_1"))
            try await poll("it is paid") { try await first.order("race").state == "paid" ? () : nil }
            async let one = first.refund("race", #"{"refund_no":"A","amount":6000}"#)
            async let two = second.refund("race", #"{"refund_no":"B","amount":6000}"#)
            #expect(try await [one, two].sorted() == [201, 409])
            let made = try await poll("the refund ends", within: .seconds(60)) {
                let refunds = try await first.booked("race").refunds
                return refunds.map(\.state) == ["succeeded"] ? refunds : nil
            }
            #expect(try await sandbox.trade("race_1").refunds.map(\.amount) == [6_000])
            #expect(made.map(\.amount) == [6_000])
        }
    }
}

extension Service {
    private struct RefundView: Decodable {
        let state: String
    }

    /// Requests a refund, and returns the status of the answer.
    fileprivate func refund(_ order: String, _ json: String) async throws -> Int {
        try await call(.post, "/v1/payments/\(order)/refunds", key: "refund-\(UUID().uuidString)", json: json).status
    }

    fileprivate func refundState(_ number: String, of order: String) async throws -> String {
        try await call(.get, "/v1/payments/\(order)/refunds/\(number)").read(RefundView.self).state
    }
}
