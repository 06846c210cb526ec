import Foundation
import LedgerSQL
import PayAPI
import PayCore
import PayFlow
import PayJobs
import PayTestSupport
import SQLiteStore
import ServiceTestSupport
import Synchronization
import Testing

/// The lifetime of event streams.
@Suite(.timeLimit(.minutes(5))) struct EventsEndTests {
    @Test func `one stream above a limit gets a 429, for an order and in all`() async throws {
        try await withService(TestSetup(streamsOfOneOrder: 2, streamsInAll: 3)) { service in
            for number in [Sample.number, "order_2", "order_3"] {
                _ = try await service.client.pay(Sample.body(number), key: "key-\(number)")
            }
            func refused(_ number: String) async throws {
                expectProblem(
                    try await service.client.get("/v1/payments/\(number)/events"), 429, "RATE_LIMITED", retryAfter: "10"
                )
            }
            var streams = [try await service.follow(), try await service.follow(as: .checkout)]
            try await refused(Sample.number)
            streams.append(try await service.follow("order_2"))
            try await refused("order_3")
            #expect(service.metric("paypage_live_streams") == "3")
            for stream in streams { #expect(await stream.nextEvent() != nil) }
        }
    }

    @Test func `a client that disconnects frees its stream at once`() async throws {
        try await withService(TestSetup(streamsOfOneOrder: 3)) { service in
            _ = try await service.client.pay()
            for _ in 0..<5 {
                var streams: [EventClient] = []
                for _ in 0..<3 { streams.append(try await service.follow(as: .checkout)) }
                #expect(streams.map(\.head.status) == [200, 200, 200])
                for stream in streams { stream.hangUp() }
                await service.waitForStreams(0)
            }
            #expect(service.metric("paypage_live_streams") == "0")
        }
    }

    @Test func `a heartbeat keeps a stream open, and sends changes by time alone`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let stream = try await service.follow(as: .user)
            let first = await stream.nextEvent()
            #expect(first?.order["page"]["kind"] == "html")
            service.live.beat()
            #expect(await stream.next() == .comment("still here"))
            service.clock.advance(by: .seconds(300))
            service.live.beat()
            let second = await stream.nextEvent()
            #expect(second?.order["page"] == .null)
            #expect(second?.id != first?.id)
        }
    }

    @Test func `streams get a heartbeat every 15 seconds, and a check for other processes every second`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let runner = JobRunner(ClockJob.live(service.live), clock: service.clock, logger: LiveBench.silence)
            let work = Task { try await runner.run() }
            await service.clock.waitForSleepers(2)
            let stream = try await service.follow()
            #expect(await stream.nextEvent() != nil)
            for _ in 0..<15 {
                service.clock.advance(by: .seconds(1))
                await service.clock.waitForSleepers(2)
            }
            #expect(await stream.next() == .comment("still here"))

            let elsewhere = try SQLiteLedger(path: service.databasePath)
            _ = try await elsewhere.update(OrderNumber(Sample.number)!, creating: nil, at: service.clock.now()) {
                order in
                Decision(try order.settle(service.receipt(), at: service.clock.now()))
            }
            service.clock.advance(by: .seconds(1))
            #expect(await stream.nextEvent()?.order["state"] == "paid")
            work.cancel()
            try? await work.value
        }
    }

    @Test func `a failed first read is an error, and a later one is retried`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let stream = try await service.follow()
            #expect(await stream.nextEvent() != nil)
            service.ledger.setBroken(true)
            expectProblem(
                try await service.client.get("/v1/payments/\(Sample.number)/events"), 500, "INTERNAL")
            service.ledger.setBroken(false)
            try await service.payAndSettle()
            #expect(await stream.nextEvent()?.order["state"] == "paid")
            #expect(service.live.count == 1)
        }
    }

    @Test func `a client that does not read is disconnected, and does not delay others`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let stuck = try RawConnection.connected(to: service.port, receiveBuffer: 1)
            defer { close(stuck) }
            let request = "GET \(service.path(Sample.number, .checkout))/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            RawConnection.write(Array(request.utf8), to: stuck)
            await service.waitForStreams(1)
            let reader = try await service.follow(as: .checkout)
            #expect(await reader.nextEvent() != nil)
            var changes = 0
            while service.live.count > 1, !Task.isCancelled {
                changes += 1
                service.ledger.setDisguise { [changes] in $0.asLongStory(changes) }
                service.live.changed(OrderNumber(Sample.number)!)
                let told = await reader.nextEvent()?.order
                #expect(told?["given_back"].items.count == changes % 2)
                service.live.beat()
                #expect(await reader.next() == .comment("still here"))
            }
            #expect(changes > 1, "the first fits into what the system keeps")
            #expect(service.live.count == 1)
        }
    }

    @Test func `streams end with the service, and do not delay its end`() async throws {
        let left = Mutex<[EventClient]>([])
        try await withService { service in
            _ = try await service.client.pay()
            for door in TestService.Door.allCases {
                let stream = try await service.follow(as: door)
                #expect(await stream.nextEvent() != nil)
                left.withLock { $0.append(stream) }
            }
        }
        for stream in left.withLock({ $0 }) {
            #expect(await stream.next() == .ended(isClean: true))
            #expect(await stream.next() == nil)
        }
    }

    @Test func `a payment is read once for all event streams`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            var streams: [EventClient] = []
            for _ in 0..<40 { streams.append(try await service.follow(as: .checkout)) }
            for stream in streams { #expect(await stream.nextEvent() != nil) }
            let before = service.ledger.orderReads
            try await service.payAndSettle()
            for stream in streams { #expect(await stream.nextEvent()?.order["state"] == "paid") }
            // The notice and the close of the other attempts are at most two changes.
            #expect((1...2).contains(service.ledger.orderReads - before))
        }
    }
}

extension Order {
    /// The same order with a long history, which differs after each change.
    fileprivate func asLongStory(_ changes: Int) -> Order {
        let refund = Refund(
            number: "r", tradeNumber: TradeNumber(order: number, sequence: 1), transactionID: TransactionID("t")!,
            money: money, cause: .duplicate, state: .pending, createdAt: createdAt, askAt: nil)
        return Order(
            number: number, userID: userID, money: money, subject: subject,
            returnURL: "https://shop.example/" + String(repeating: "x", count: 100_000), createdAt: createdAt,
            deadline: deadline, state: state, fence: fence, attempts: attempts, receipts: receipts,
            refunds: changes % 2 == 1 ? [refund] : [])
    }
}

extension TestService {
    func receipt(_ transaction: String = "sbx_1") -> Receipt {
        Receipt(
            channel: Channel("sandbox")!, tradeNumber: TradeNumber(Sample.trade)!,
            transactionID: TransactionID(transaction)!, amount: 9_900, currencyCode: "CNY", paidAt: clock.now(),
            namesOurAccount: true)
    }
}
