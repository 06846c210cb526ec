import Metrics
package import PayTelemetry

/// The metrics of the console.
package enum ConsoleTelemetry {
    enum SignInOutcome: String, CaseIterable {
        case signedIn = "signed_in"
        case refused, limited
    }

    private static let signIns = "paypage_console_sign_ins_total"

    /// Declares the metrics before the first sign-in.
    package static func declare(on metrics: PrometheusMetrics) {
        metrics.declare(
            signIns, .counter, help: "Sign-ins at the console, by outcome.",
            labels: PrometheusMetrics.combinations(of: [("outcome", SignInOutcome.allCases.map(\.rawValue))]))
    }

    static func signIn(_ outcome: SignInOutcome) {
        Counter(label: signIns, dimensions: [("outcome", outcome.rawValue)]).increment()
    }
}
