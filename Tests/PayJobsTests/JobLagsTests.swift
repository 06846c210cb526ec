import PayFlow
import Testing

@testable import PayJobs

@Suite struct JobLagsTests {
    private let query = ClockJob("query", every: .seconds(1)) { _ in NothingToReport() }
    private let purge = ClockJob("purge", every: .seconds(60)) { _ in NothingToReport() }

    @Test func `a job is late once its interval has passed since its last finished run`() {
        let lags = JobLags([query, purge], at: .seconds(100))
        lags.finished(query, at: .seconds(110))
        #expect(
            lags.lags(at: .seconds(111)) == [
                JobLags.Lag(job: "purge", lag: .zero), JobLags.Lag(job: "query", lag: .zero),
            ])
        #expect(
            lags.lags(at: .seconds(165)) == [
                JobLags.Lag(job: "purge", lag: .seconds(5)), JobLags.Lag(job: "query", lag: .seconds(54)),
            ])
    }

    @Test func `a job that never ran is late since the start`() {
        #expect(JobLags([query], at: .seconds(7)).lags(at: .seconds(18)).map(\.lag) == [.seconds(10)])
    }
}
