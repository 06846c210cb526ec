import Synchronization
import Testing

@testable import PayTelemetry

@Suite struct ProcessMetricsTests {
    /// A line of /proc/self/stat with a program's name that looks like fields.
    private static let stat = """
        42 (a) b 1 2) S 1 42 42 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 7 0 5000 1048576 33 18446744073709551615
        """

    private func reading(_ stat: String, system: String = "cpu 1 2\nbtime 1795348800\n") -> ProcessReading? {
        ProcessReading(stat: stat, systemStat: system, ticks: 100, page: 4_096)
    }

    @Test func `a state is read behind the name of the program, whatever that contains`() throws {
        let reading = try #require(self.reading(Self.stat))
        #expect(reading.cpuSeconds == 3)
        #expect(reading.threads == 7)
        #expect(reading.virtualBytes == 1_048_576)
        #expect(reading.residentBytes == 33 * 4_096)
        #expect(reading.startSeconds == 1_795_348_850)
    }

    @Test(arguments: ["", "42 (paypage) S 1", "42 paypage S"])
    func `a state of another form is not read`(_ stat: String) {
        #expect(reading(stat) == nil)
        #expect(reading(Self.stat, system: "cpu 1 2") == nil)
    }

    @Test func `the processor time is a counter, and the rest are gauges of the moment`() throws {
        let metrics = PrometheusMetrics()
        let now = Mutex(try #require(self.reading(Self.stat)))
        withExtendedLifetime(metrics) {
            ProcessMetrics { now.withLock { $0 } }.report(on: metrics)
            #expect(metrics.exposition().contains("\nprocess_cpu_seconds_total 3\n"))
            now.withLock {
                $0.cpuSeconds = 4.5
                $0.openFiles = 12
            }
            let text = metrics.exposition()
            #expect(text.contains("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 4.5\n"))
            #expect(text.contains("# TYPE process_open_fds gauge\nprocess_open_fds 12\n"))
            #expect(text.contains("\nprocess_start_time_seconds 1795348850\n"))
        }
    }

    @Test func `this process has open files, memory and a limit`() throws {
        let reading = try #require(ProcessReading.current())
        #expect(reading.openFiles >= 3 && reading.openFiles <= reading.mostFiles)
        #expect(reading.residentBytes > 1 << 20)
        #expect(reading.threads >= 1)
    }
}
