import Logging
import PayCore
import PayFlow
import ServiceTestSupport
import Testing

@testable import PayTelemetry

@Suite struct BacklogTelemetryTests {
    private let sandbox = Channel("sandbox")!
    private let now = Instant(milliseconds: 1_795_348_800_000)
    private let metrics = PrometheusMetrics()

    private func exposition(of backlogs: [Backlog]) -> String {
        ServiceMetrics.install()
        return ServiceMetrics.$current.withValue(metrics) {
            let telemetry = FlowTelemetry(logger: Logger(label: "pay") { _ in SwiftLogNoOpLogHandler() })
            FlowTelemetry.declare(on: metrics, channels: [sandbox], terminals: [.pc])
            for backlog in backlogs { telemetry.saw(.backlog(backlog, at: now)) }
            return metrics.exposition()
        }
    }

    private var backlog: Backlog {
        var backlog = Backlog()
        backlog.channels = [sandbox]
        backlog.attempts = [Backlog.Count(sandbox, .open, 3)]
        backlog.refunds = [Backlog.Count(sandbox, .submitted, 2)]
        backlog.disputes = 1
        backlog.pendingDeliveries = 4
        backlog.parkedDeliveries = 5
        backlog.oldestDelivery = now - .seconds(90)
        backlog.databaseBytes = 8_192
        backlog.lastNotices = [sandbox: now - .seconds(7)]
        return backlog
    }

    @Test func `every figure of the backlog is a gauge`() {
        let text = exposition(of: [backlog])
        for line in [
            #"paypage_attempts{channel="sandbox",state="open"} 3"#,
            #"paypage_attempts{channel="sandbox",state="exposed"} 0"#,
            #"paypage_refunds_waiting{channel="sandbox",state="submitted"} 2"#,
            #"paypage_refunds_waiting{channel="sandbox",state="needs_attention"} 0"#, "paypage_disputes_open 1",
            #"paypage_deliveries_waiting{state="pending"} 4"#, #"paypage_deliveries_waiting{state="parked"} 5"#,
            "paypage_delivery_oldest_seconds 90", "paypage_database_bytes 8192",
            #"paypage_notice_last_seconds{channel="sandbox"} 7"#,
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func `work that is finished counts zero again`() {
        var done = Backlog()
        done.channels = [sandbox]
        let text = exposition(of: [backlog, done])
        #expect(text.contains("\npaypage_attempts{channel=\"sandbox\",state=\"open\"} 0\n"))
        #expect(text.contains("\npaypage_delivery_oldest_seconds 0\n"))
    }

    @Test func `a channel without a notice has no age of its last notice`() {
        #expect(!exposition(of: [Backlog()]).contains("\npaypage_notice_last_seconds{"))
    }
}
