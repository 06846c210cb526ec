package import Logging
package import PayAPI
package import PayFlow
package import PayTelemetry

/// The dependencies of the console, created once by the wiring.
package struct ConsoleParts: Sendable {
    package let flows: Flows
    package let store: any Store
    package let operators: any OperatorStore
    package let live: LiveOrders
    package let clock: any PayClock
    package let rules: ConsoleRules
    package let metrics: PrometheusMetrics
    package let accessLog: AccessLog
    package let logger: Logger

    package init(
        flows: Flows, store: any Store, operators: any OperatorStore, live: LiveOrders, clock: any PayClock,
        rules: ConsoleRules, metrics: PrometheusMetrics, accessLog: AccessLog, logger: Logger
    ) {
        self.flows = flows
        self.store = store
        self.operators = operators
        self.live = live
        self.clock = clock
        self.rules = rules
        self.metrics = metrics
        self.accessLog = accessLog
        self.logger = logger
    }
}
