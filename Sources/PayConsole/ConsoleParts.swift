package import Logging
package import PayAPI
package import PayAccess
package import PayFlow
package import PayTelemetry

/// The dependencies of the console, created once by the wiring.
package struct ConsoleParts: Sendable {
    package let store: any Store
    package let operators: any OperatorStore
    package let live: LiveOrders
    package let clock: any PayClock
    /// A reload of the settings replaces the flows and the rules.
    private let flowsNow: @Sendable () -> Flows
    private let rulesNow: @Sendable () -> ConsoleRules
    private let testEndpointNow: @Sendable () -> TestEndpoint?
    package let metrics: PrometheusMetrics
    /// The recent past of the metrics. A clock job samples it.
    package let trends: MetricHistory
    package let passwords: Passwords
    let signInLimit = SignInLimit()
    package let accessLog: AccessLog
    package let logger: Logger

    package init(
        flows: @escaping @Sendable () -> Flows, store: any Store, operators: any OperatorStore, live: LiveOrders,
        testEndpoint: @escaping @Sendable () -> TestEndpoint? = { nil }, clock: any PayClock,
        rules: @escaping @Sendable () -> ConsoleRules, metrics: PrometheusMetrics, passwords: Passwords = Passwords(),
        accessLog: AccessLog, logger: Logger
    ) {
        flowsNow = flows
        self.store = store
        self.operators = operators
        self.live = live
        testEndpointNow = testEndpoint
        self.clock = clock
        rulesNow = rules
        self.metrics = metrics
        trends = MetricHistory(metrics, keeping: TrendSpan.periods, from: clock.now())
        self.passwords = passwords
        self.accessLog = accessLog
        self.logger = logger
    }

    package var flows: Flows { flowsNow() }
    package var rules: ConsoleRules { rulesNow() }
    /// Nil without a configured endpoint.
    package var testEndpoint: TestEndpoint? { testEndpointNow() }
}
