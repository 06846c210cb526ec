import Metrics

/// The version of this program, for `paypage --version`, the log at the start and the metric `paypage_build_info`.
enum Version {
    static let current = "0.1.0"

    /// The compiler that built this program.
    static let swift: String = {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }()

    /// Sets `paypage_build_info` to 1. Precondition: the metrics system has its factory.
    static func recordBuildInfo() {
        Gauge(label: buildInfo, dimensions: [("version", current), ("swift", swift)]).record(1)
    }

    static let buildInfo = "paypage_build_info"
}
