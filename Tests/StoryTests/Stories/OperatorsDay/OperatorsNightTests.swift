import Foundation
import PayProviders
import Testing

/// The worst parts of docs/operations/operators-day.md: a full disk, a leaked key, a lost host.
@Suite(.serialized, .timeLimit(.minutes(5))) struct OperatorsNightTests {
    @Test(.needsMount)
    func `a full disk refuses payments, and the service continues once there is room`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            try await SmallDisk.with("\(story.folder)/data") { disk in
                let database = ["PAYPAGE_DATABASE_URL": "sqlite:\(disk.path)/paypage.sqlite"]
                let service = try await story.startService(sandbox, database)
                #expect(try await service.firstPay("tea_4").status == 201)

                disk.fill(leaving: 512 << 10)
                let day = try OperatorsDay(
                    "The disk fills up", of: story, settings: database,
                    places: [("/var/lib/paypage", disk.path), ("http://127.0.0.1:8080", service.client.base)])
                try await day.run("paypage attention", until: "the alarm rises") { $0.contains("disk_nearly_full") }

                disk.fill()
                try await poll("the service is not ready") {
                    try await service.call(.get, "/readyz").status == 503 ? () : nil
                }
                let refused = try await service.firstPay("tea_5")
                #expect(refused.status == 503 && refused.retryAfter != nil)
                // A stored page needs no room.
                #expect(try await service.repay("tea_4").status == 200)

                #expect(try await day.run("df -h").output.contains("100%"))
                #expect(try await day.run("du -a").output.contains("old.log"))
                try FileManager.default.removeItem(atPath: "\(disk.path)/old.log")
                try await day.run("curl", until: "the service is ready") { $0 == #"{"status":"ready"}"# }
                try await day.run("paypage attention", until: "nothing waits") { $0 == "nothing waits for a person" }
                day.end()
                #expect(try await service.firstPay("tea_5").status == 201)
                #expect(service.process.end == nil)
            }
        }
    }

    @Test func `a leaked key is replaced while the shop goes on paying, and is then refused`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let leaked = "leaked-key-0123456789"
            let running = try await ReloadedService.start(
                story, keys: ["api.keys": ["shop:\(leaked)"]],
                variables: [
                    "PAYPAGE_TOKEN_SECRET": Story.tokenSecret, "PAYPAGE_SANDBOX_ENABLED": "true",
                    "PAYPAGE_SANDBOX_BASE_URL": sandbox.client.base, "PAYPAGE_SANDBOX_SECRET": Story.sandboxSecret,
                ])
            var service = running.service
            service.apiKey = leaked
            for order in ["tea_6", "tea_10"] { #expect(try await service.firstPay(order).status == 201) }
            #expect(try await service.close("tea_6").status == 200)

            let day = try OperatorsDay(
                "An API key leaks", of: story, places: [("/etc/paypage/paypage.yaml", "\(story.folder)/paypage.json")])
            let known = try await day.run("paypage audit list").output
            #expect(known.contains("  shop  ") && known.contains("  order.close  "), "\(known)")
            let made = try await day.run("paypage keys new").output
            let entry = String(try #require(made.firstMatch(of: /shop2:[0-9A-Za-z_-]{16,}/)).output)
            let key = String(entry.dropFirst("shop2:".count))
            // The shop pays all the time, with whichever key it has.
            let calls = Calls(of: service)
            try running.write(["api.keys": ["shop:\(leaked)", entry]])
            let added = try await day.run("paypage reload")
            #expect(added.end == .exited(0) && added.output.contains("api.keys"), "\(added)")
            calls.use(key)
            try await calls.next(10)
            try running.write(["api.keys": [entry]])
            let removed = try await day.run("paypage reload")
            #expect(removed.end == .exited(0) && removed.output.contains("api.keys"), "\(removed)")
            try await calls.next(10)
            let keys = try await day.run("paypage keys list").output
            #expect(keys.contains("shop2") && !keys.contains(key), "\(keys)")
            day.end()
            #expect(try await calls.end().allSatisfy { $0 == 200 })
            #expect(try await service.call(.get, "/v1/payments/tea_6").status == 401)
            let entries = try await Paypage.run(
                ["audit", "list", "--action", "settings.reload"], settings: story.database, in: story.folder)
            #expect(entries.output.split(separator: "\n").count { $0.contains("  ann  ") } == 2, "\(entries)")
            #expect(service.process.end == nil)
        }
    }

    @Test func `a lost host's orders go on from the last copy, and no number is used twice`() async throws {
        try await Story.run { story, sandbox, service in
            try await within(.seconds(240), "the drill") {
                for order in ["tea_7", "tea_8"] { #expect(try await service.firstPay(order).status == 201) }
                try await sandbox.pay("tea_7_1")
                try await self.waitUntilPaid("tea_7", service)
                let copies = "\(story.folder)/copies"
                try FileManager.default.createDirectory(atPath: copies, withIntermediateDirectories: true)
                let day = try OperatorsDay(
                    "The host is lost", of: story, places: [("/var/backups/paypage", copies)])
                let copied = try await day.run("paypage backup")
                #expect(copied.end == .exited(0), "\(copied.errors)")

                // Since the copy, one known order is paid, and one is made.
                try await sandbox.pay("tea_8_1")
                try await self.waitUntilPaid("tea_8", service)
                #expect(try await service.firstPay("tea_9").status == 201)
                try await service.crash()
                for name in try FileManager.default.contentsOfDirectory(atPath: story.folder)
                where name.hasPrefix("paypage.sqlite") {
                    try FileManager.default.removeItem(atPath: "\(story.folder)/\(name)")
                }

                #expect(try await day.run("paypage restore").output.contains("is a whole copy"))
                let restored = try await day.run("paypage restore")
                #expect(restored.end == .exited(0), "\(restored.errors)")
                let next = try await story.startService(sandbox, on: service.port)
                // The payment of the known order is found. The shop sends the other one again, and its old page still pays it.
                try await self.waitUntilPaid("tea_8", next)
                #expect(try await next.firstPay("tea_9").status == 201)
                try await sandbox.pay("tea_9_1")
                try await self.waitUntilPaid("tea_9", next)
                try await day.run("paypage attention", until: "nothing waits") { $0 == "nothing waits for a person" }
                let paid = try await day.run("paypage orders list").output
                for order in ["tea_7", "tea_8", "tea_9"] { #expect(paid.contains(order), "\(paid)") }
                day.end()
                for order in ["tea_7", "tea_8", "tea_9"] {
                    let paidTrades = try await sandbox.trades(of: order).filter { $0.state == "paid" }
                    #expect(paidTrades.map(\.trade_no) == ["\(order)_1"])
                    #expect(try await sandbox.creates("\(order)_1") == 1)
                }
                #expect(next.process.end == nil)
            }
        }
    }

    private func waitUntilPaid(_ order: String, _ service: Service) async throws {
        try await poll("\(order) is paid", within: .seconds(90)) {
            try await service.order(order).state == "paid" ? () : nil
        }
    }
}

/// A shop that repays an order all the time, with the key that it has.
private final class Calls: Sendable {
    private let key: Watched<String>
    private let statuses = Watched<[Int]>([])
    private let task: Task<Void, any Error>

    init(of service: Service) {
        key = Watched(service.apiKey)
        let (key, statuses) = (key, statuses)
        task = Task {
            while !Task.isCancelled {
                var shop = service
                shop.apiKey = key.now
                let status = try await shop.repay("tea_10").status
                statuses.update { $0.append(status) }
            }
        }
    }

    /// From the next call on.
    func use(_ next: String) { key.update { $0 = next } }

    /// Returns after so many more calls, and the one that is in flight.
    func next(_ count: Int) async throws {
        let now = statuses.now.count
        _ = try await statuses.first("\(count) calls", within: .seconds(60)) { $0.count > now + count ? $0 : nil }
    }

    /// The statuses of all calls.
    func end() async throws -> [Int] {
        task.cancel()
        _ = await task.result
        return statuses.now
    }
}
