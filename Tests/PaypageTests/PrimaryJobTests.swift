import Logging
import PostgresStore
import Synchronization
import Testing

@testable import paypage

@Suite struct PrimaryJobTests {
    private static let sound = PrimaryReport(beatAge: .milliseconds(200), clockOffset: 1, clockVerdict: .agrees)

    private func lines(_ reports: [PrimaryReport]) -> [String] {
        let log = JobLines()
        let watch = PrimaryWatch(node: "a", .single) { _ in throw ConnectionLost.timedOut }
        let job = PrimaryJob(watch, Logger(label: "test") { _ in log })
        for report in reports { job.look(report) }
        watch.close()
        return log.all
    }

    @Test func `a sound primary is no line of the log`() {
        #expect(lines([Self.sound, Self.sound]) == [])
    }

    @Test func `a primary that is not known is logged once, and its return too`() {
        let late = PrimaryReport(beatAge: .seconds(1), clockOffset: 1, clockVerdict: .agrees)
        let none = PrimaryReport(beatAge: nil, clockOffset: nil, clockVerdict: .agrees)
        let expected = ["database primary is not known, calls are refused", "database primary is known again"]
        #expect(lines([Self.sound, late, none, Self.sound, Self.sound]) == expected)
    }

    @Test func `commits that no standby confirmed are logged once`() {
        let unconfirmed = PrimaryReport(
            beatAge: .milliseconds(200), clockOffset: 1, clockVerdict: .agrees, unconfirmedCommits: 2)
        #expect(lines([Self.sound, unconfirmed, unconfirmed]) == ["commits confirmed by no standby"])
    }

    @Test func `clocks that differ are logged once`() {
        let apart = PrimaryReport(beatAge: .milliseconds(200), clockOffset: 300, clockVerdict: .differs)
        #expect(lines([Self.sound, apart, apart, Self.sound]) == ["clock differs from the database server"])
    }
}

private final class JobLines: LogHandler, Sendable {
    private let noted = Mutex<[String]>([])

    var all: [String] { noted.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        noted.withLock { $0.append("\(event.message)") }
    }
}
