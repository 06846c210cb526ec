import Foundation
import GRDB
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct NoCallTests {
    @Test(arguments: [nil, "one-key", "each-its-own"])
    func `1,000 repays of a live page call no provider and write nothing`(key: String?) async throws {
        try await withService { service in
            let first = try await service.client.pay()
            let connection = try DatabaseQueue(path: service.databasePath)
            defer { try? connection.close() }
            let before = try DatabaseTraces(connection, service.databasePath)
            #expect(!before.log.isEmpty)

            for round in 0..<50 {
                let answers = try await concurrently(20) { index in
                    let own = key == "each-its-own" ? "key-\(round)-\(index)" : key
                    return try await service.client.repay(key: own)
                }
                #expect(answers.allSatisfy { $0.status == 200 && $0.page == first.page })
                #expect(answers.allSatisfy { $0.cacheStatus == "paypage; hit; ttl=300" })
            }

            #expect(try await service.creates() == 1)
            #expect(try DatabaseTraces(connection, service.databasePath) == before)
            // The traces do detect a write.
            service.clock.advance(by: .seconds(300))
            #expect(try await service.client.repay().status == 200)
            let after = try DatabaseTraces(connection, service.databasePath)
            #expect(after.version != before.version)
            #expect(after.log != before.log)
        }
    }

    @Test func `reads of a page, an order and the list call no provider and write nothing`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let connection = try DatabaseQueue(path: service.databasePath)
            defer { try? connection.close() }
            let before = try DatabaseTraces(connection, service.databasePath)
            for path in ["", "/\(Sample.number)", "/\(Sample.number)/page"] {
                #expect(try await service.client.get("/v1/payments" + path).status == 200)
            }
            #expect(try await service.creates() == 1)
            #expect(try DatabaseTraces(connection, service.databasePath) == before)
            #expect(
                service.metric(#"paypage_provider_calls_total{channel="sandbox",operation="query",outcome="ok"}"#)
                    == "0")
        }
    }
}
