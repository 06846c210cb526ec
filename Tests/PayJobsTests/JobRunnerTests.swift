import Logging
import PayCore
import PayFlow
import PayTestSupport
import ServiceLifecycle
import ServiceTestSupport
import Testing

@testable import PayJobs

@Suite(.timeLimit(.minutes(5))) struct JobRunnerTests {
    /// Runs a job runner beside the service, as after the start of a process.
    private func withJobRunner(_ service: TestService, _ body: () async throws -> Void) async throws {
        let logger = Logger(label: "jobRunner", factory: { _ in SwiftLogNoOpLogHandler() })
        let runner = JobRunner(ClockJob.orders(service.flows), clock: service.clock, logger: logger)
        let group = ServiceGroup(configuration: .init(services: [runner], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Makes an order whose create has an unknown result.
    private func leaveUnknown(_ service: TestService, _ number: String = Sample.number) async throws {
        try await service.setFaults([["operation": "create", "fault": "error"]])
        let answer = try await service.client.pay(Sample.body(number), key: "key-\(number)")
        #expect(answer.code == "PAY_PROVIDER_UNKNOWN")
    }

    @Test func `an interrupted call is recovered at start, after its lease has expired`() async throws {
        try await withService { service in
            try await leaveUnknown(service)
            service.clock.advance(by: .seconds(10))
            try await withJobRunner(service) {
                // The runner sleeps after its first run.
                await service.clock.waitForSleepers(4)
                let order = try await service.client.order()
                #expect(order.json["attempts"].items.map { $0["state"] } == ["open"])
                #expect(order.page["channel"] == "sandbox")
                #expect(try await service.creates() == 1)
                #expect(try await service.client.repay().cacheStatus == "paypage; hit; ttl=300")
            }
        }
    }

    @Test func `an interrupted call is recovered by the timer, and not before its lease expires`() async throws {
        try await withService { service in
            try await withJobRunner(service) {
                await service.clock.waitForSleepers(4)
                try await leaveUnknown(service)
                // The lease of the interrupted call has not expired yet.
                for _ in 1..<10 {
                    service.clock.advance(by: ClockJob.soon)
                    await service.clock.waitForSleepers(4)
                }
                service.clock.advance(by: ClockJob.soon - .milliseconds(1))
                #expect(service.clock.sleepers == 4)
                #expect(try await service.client.order().json["attempts"][0]["state"] == "creating")
                service.clock.advance(by: .milliseconds(1))
                await service.observer.wait(for: .recovered(OrderNumber(Sample.number)!))
                await service.clock.waitForSleepers(4)
                #expect(try await service.client.order().json["attempts"][0]["state"] == "open")
            }
        }
    }

    @Test func `a failed run does not stop a job's loop`() async throws {
        try await withService { service in
            try await leaveUnknown(service)
            service.clock.advance(by: .seconds(10))
            service.ledger.setBroken(true)
            try await withJobRunner(service) {
                for _ in 1...3 {
                    await service.clock.waitForSleepers(4)
                    service.clock.advance(by: ClockJob.soon)
                }
                await service.clock.waitForSleepers(4)
                service.ledger.setBroken(false)
                service.clock.advance(by: ClockJob.soon)
                await service.observer.wait(for: .recovered(OrderNumber(Sample.number)!))
                await service.clock.waitForSleepers(4)
                let order = try await service.client.order()
                #expect(order.json["attempts"][0]["state"] == "open")
            }
        }
    }

    @Test func `an order that can't be recovered does not delay others`() async throws {
        try await withService { service in
            for number in ["order_1", "order_2", "order_3"] { try await leaveUnknown(service, number) }
            try await service.setFaults([["operation": "create", "fault": "error"]])
            service.clock.advance(by: .seconds(10))
            try await withJobRunner(service) {
                await service.clock.waitForSleepers(4)
                let states = try await service.client.get("/v1/payments").json["payments"].items
                    .map { $0["attempts"][0]["state"].string ?? "" }
                #expect(states.sorted() == ["creating", "open", "open"])
            }
        }
    }

    @Test func `the other attempts of a paid order are closed at their providers`() async throws {
        try await withService(TestSetup(channels: ["sandbox", "sandbox2"])) { service in
            try await service.setFaults([["operation": "create", "fault": "garbage"]])
            _ = try await service.client.pay()
            // The first channel never stored a page here, so another channel can replace it.
            #expect(try await service.client.repay(Sample.number, ["channel": "sandbox2"]).status == 200)
            #expect(try await service.send(service.notice()).status == 200)
            try await withJobRunner(service) {
                await service.clock.waitForSleepers(4)
                let order = try await service.client.order()
                #expect(order.json["state"] == "paid")
                #expect(order.json["attempts"].items.map { $0["state"] } == ["paid", "closed"])
                #expect(try await service.trade("20261122_0001_2")["state"] == "closed")
            }
        }
    }

    @Test func `the job runner ends when the service is told to stop`() async throws {
        try await withService { service in
            try await withJobRunner(service) { await service.clock.waitForSleepers(4) }
            #expect(service.clock.sleepers == 0)
        }
    }
}
