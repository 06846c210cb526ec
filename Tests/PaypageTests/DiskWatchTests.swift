import PayCore
import PayFlow
import PayTelemetry
import Synchronization
import Testing

@testable import paypage

@Suite struct DiskWatchTests {
    private static let now = Instant(milliseconds: 1_795_348_800_000)
    private static let gibibyte = 1 << 30

    @Test(arguments: [
        (2 * gibibyte, 500 * gibibyte, false), (2 * gibibyte - 1, 500 * gibibyte, true),
        (gibibyte, 8 * gibibyte, false),
        (gibibyte / 2, 8 * gibibyte, true), (0, 0, false),
    ])
    func `a disk is nearly full below 2 GiB, or below a tenth if it is small`(
        free: Int, size: Int, isNearlyFull: Bool
    ) {
        #expect(DiskSpace(free: free, size: size).isNearlyFull == isNearlyFull)
    }

    @Test func `a disk that is nearly full is a condition since it was first seen so`() throws {
        let free = Mutex(0)
        let watch = try #require(
            DiskWatch(.sqlite(path: "/data/pay.sqlite")) { folder in
                #expect(folder.hasPrefix("/data"))
                return DiskSpace(free: free.withLock { $0 }, size: 100 * Self.gibibyte)
            })
        #expect(watch.conditions(at: Self.now).map(\.since) == [Self.now])
        #expect(watch.conditions(at: Self.now + .seconds(9)).map(\.since) == [Self.now])
        free.withLock { $0 = 50 * Self.gibibyte }
        #expect(watch.conditions(at: Self.now + .seconds(10)) == [])
        free.withLock { $0 = 1 }
        #expect(watch.conditions(at: Self.now + .seconds(20)).map(\.since) == [Self.now + .seconds(20)])
    }

    @Test func `the free space is read when the metrics are`() throws {
        let metrics = PrometheusMetrics()
        let watch = try #require(
            DiskWatch(.sqlite(path: "pay.sqlite")) { _ in DiskSpace(free: 4_096, size: 8_192) })
        watch.report(on: metrics)
        #expect(metrics.exposition().contains("\npaypage_disk_free_bytes 4096\n"))
    }

    @Test func `the disk of a database server is not watched`() {
        #expect(DiskWatch(.postgres(uri: Secret("postgresql://db.example/pay"))) == nil)
    }
}
