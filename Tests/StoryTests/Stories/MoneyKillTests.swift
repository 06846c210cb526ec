import Foundation
import PayProviders
import Testing

/// Kills around money: while it arrives, and while it is refunded.
@Suite(.serialized, .timeLimit(.minutes(3))) struct MoneyKillTests {
    private static let channels = (1...4).map { "sandbox\($0)" }

    private static let settings = [
        "PAYPAGE_SANDBOX_CHANNELS": (channels + ["sandbox9"]).joined(separator: ",")
    ]

    private static func order(on channel: String) -> String { "money_\(channel)" }

    /// One order on each channel that can be paid by two trades, because the first could not be closed.
    private func openTwice(_ service: Service, _ sandbox: Sandbox) async throws {
        for channel in Self.channels {
            let order = Self.order(on: channel)
            #expect(try await service.firstPay(order, channel: channel).status == 201)
            try await sandbox.plan(faults: [
                PlannedFault(operation: "close", fault: "close_too_early", channel: channel)
            ])
            #expect(try await service.goOn(order, channel: "sandbox9").status == 200)
            #expect(try await service.attempts(order) == ["_1 exposed", "_2 open"])
        }
    }

    @Test func `a payment before a kill is settled by the repeated notice`() async throws {
        try await Story.run { story, sandbox, service in
            #expect(try await service.firstPay("late_notice").status == 201)
            try await sandbox.plan(faults: [PlannedFault(operation: "notify", fault: "notify_late", ms: 1_500)])
            #expect(try await sandbox.press("late_notice_1"))
            try await service.crash()
            let next = try await story.startService(sandbox, on: service.port)
            let books = try await booksWhenPaid(next, sandbox)
            #expect(books.orders.map(\.attemptStates) == [["_1 paid"]])
        }
    }

    @Test func `a payment before a kill without a notice is found by a query`() async throws {
        try await Story.run { story, sandbox, service in
            #expect(try await service.firstPay("no_notice").status == 201)
            try await sandbox.plan(faults: [PlannedFault(operation: "notify", fault: "notify_never")])
            #expect(try await sandbox.press("no_notice_1"))
            try await service.crash()
            let next = try await story.startService(sandbox, on: service.port)
            let books = try await booksWhenPaid(next, sandbox)
            #expect(books.orders.map(\.attemptStates) == [["_1 paid"]])
        }
    }

    @Test func `when one of two processes is killed before its notice, the other finds the payment by a query`()
        async throws
    {
        try await Story.run { story, sandbox, first in
            let second = try await story.startService(sandbox)
            #expect(try await first.firstPay("others_notice").status == 201)
            try await first.crash()
            #expect(try await sandbox.press("others_notice_1"))
            let books = try await booksWhenPaid(second, sandbox)
            #expect(books.orders.map(\.attemptStates) == [["_1 paid"]])
        }
    }

    /// The notices of three orders with two payments each, and a kill at a random moment among them, several times.
    @Test func `after kills at any moment every payment is one receipt, and each order keeps one payment`()
        async throws
    {
        let given = ProcessInfo.processInfo.environment["STORY_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: .min ... .max)
        print("kills around notices: STORY_SEED=\(seed)")
        var dice = SplitMix(state: seed)
        try await Story.run(Self.settings) { story, sandbox, service in
            var service = service
            try await openTwice(service, sandbox)
            for channel in Self.channels {
                let pause = Duration.milliseconds(dice.below(40))
                let order = Self.order(on: channel)
                _ = try await atOnce(
                    &dice, ["_1", "_2"].map { end in { try await sandbox.press("\(order)\(end)", atThePrompt: true) } })
                // The moment is random, so no signal can be awaited.
                try await Task.sleep(for: pause)
                try await service.crash()
                service = try await story.startService(sandbox, on: service.port)
            }
            let books = try await booksWhenPaid(service, sandbox)
            #expect(books.count { $0.receipts.count == 2 && $0.refunds.count == 1 } == Self.channels.count)
        }
    }

    @Test func `after a kill behind a stored payment, other payable trades are closed after the start`()
        async throws
    {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await openTwice(service, sandbox)
            // The close of the other trades gets no answer until the process is gone.
            try await sandbox.plan(faults: [PlannedFault(operation: "close", fault: "timeout", times: 1_000)])
            for channel in Self.channels { #expect(try await sandbox.press("\(Self.order(on: channel))_1")) }
            try await poll("all are paid") {
                try await Books.read(service, sandbox).count { $0.state != "paid" } == 0 ? () : nil
            }
            try await service.crash()
            try await sandbox.plan(faults: [])
            let next = try await story.startService(sandbox, on: service.port)
            let books = try await booksWhenPaid(next, sandbox)
            #expect(books.count { $0.receipts.count == 1 && $0.refunds.isEmpty } == Self.channels.count)
        }
    }

    @Test func `after a kill in the middle of a refund exactly one refund is made and stored`() async throws {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await openTwice(service, sandbox)
            let faults = zip(Self.channels, ["timeout", "lost", "slow", "error"]).map { channel, fault in
                PlannedFault(
                    operation: "refund", fault: fault, channel: channel, ms: fault == "slow" ? 700 : nil)
            }
            try await sandbox.plan(faults: faults)
            for channel in Self.channels { #expect(try await sandbox.press("\(Self.order(on: channel))_2")) }
            try await poll("all are paid") {
                try await Books.read(service, sandbox).count { $0.state != "paid" } == 0 ? () : nil
            }
            for channel in Self.channels {
                try await sandbox.press("\(Self.order(on: channel))_1", atThePrompt: true)
            }
            try await sandbox.faultsBegan()
            try await service.crash()
            let next = try await story.startService(sandbox, on: service.port)
            let books = try await booksWhenPaid(next, sandbox)
            for order in books.orders {
                #expect(order.refunds.map(\.refund_no) == ["\(order.out_trade_no)_1_r1"])
                let refunds = try await sandbox.trade("\(order.out_trade_no)_1").refunds
                #expect(refunds.map(\.refund_no) == ["\(order.out_trade_no)_1_r1"])
                #expect(refunds.map(\.amount) == [9_900])
            }
        }
    }

    /// The books, when every order is paid and both books agree.
    private func booksWhenPaid(_ service: Service, _ sandbox: Sandbox) async throws -> Books {
        let books = try await Books.agree(service, sandbox, within: .seconds(90))
        #expect(books.count { $0.state != "paid" } == 0)
        return books
    }
}
