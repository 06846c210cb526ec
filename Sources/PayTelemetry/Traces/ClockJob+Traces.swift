package import PayFlow
import Tracing

extension ClockJob {
    /// The same job, each of whose runs is a trace. A run that found nothing to do has none.
    package func traced(_ traces: Traces) -> ClockJob {
        guard traces.isOn else { return self }
        return ClockJob(name, every: every) { now in
            try await traces.span("clock.\(name)") { span in
                let report = try await runOnce(now)
                if report.isEmpty { span?.discard() }
                for figure in report.figures where figure.count > 0 {
                    span?.attributes["clock.\(figure.name)"] = figure.count
                }
                return report
            }
        }
    }
}
