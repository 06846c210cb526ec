import PayConsole
import PayCore

extension Settings {
    /// The operators' console.
    struct Console: Sendable {
        let isEnabled: Bool
        let host: String
        /// 0 for any free port.
        let port: Int
        /// Nil for loopback alone.
        let origin: String?
        let idleLimit: Duration
        let sessionLimit: Duration
        /// Nil for no limit.
        let refundLimit: Int64?

        /// The base of links to the console.
        var base: String {
            origin ?? "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    var consoleRules: ConsoleRules {
        ConsoleRules(
            refundLimit: console.refundLimit, origin: console.origin, idleLimit: console.idleLimit,
            sessionLimit: console.sessionLimit, trustedProxies: http.trustedProxies)
    }

    /// The settings of the console alone, for a command beside the service.
    static func console(
        environment: [String: String], configFile: String?
    ) throws(SettingsMistakes) -> Console {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: false, randomSecret: { "" })
        guard let console = reader.console(nil) else { throw SettingsMistakes(all: reader.mistakes) }
        return console
    }
}

extension SettingsReader {
    mutating func console(_ http: Settings.HTTP?) -> Settings.Console? {
        let isEnabled = value(.consoleEnabled, SettingRules.truth)
        let host = value(.consoleHost, SettingRules.host)
        let port = value(.consolePort, SettingRules.port)
        let origin = value(.consolePublicURL, SettingRules.origin)
        let idle = value(.consoleSessionIdle, SettingRules.duration(from: .seconds(60), upTo: .seconds(86_400)))
        let length = value(.consoleSessionLength, SettingRules.duration(from: .seconds(300), upTo: .seconds(604_800)))
        let refundLimit = value(.consoleRefundLimit, SettingRules.minorUnits)
        guard let isEnabled, let host, let port, let idle, let length else { return nil }
        if isEnabled, WebHost(host)?.isLoopback != true, origin.map(BaseURL.isLoopback) ?? !isSet(.consolePublicURL) {
            let problem =
                "\(origin == nil ? "is not set" : "is a loopback address"), but console.host is reachable from outside"
            let remedy = "set it to the https address of the proxy before the console, or set console.host to 127.0.0.1"
            refuse(.consolePublicURL, Complaint(problem, remedy: remedy))
        }
        if isEnabled, let http, port != 0, port == http.port {
            let problem = "is also http.port"
            refuse(.consolePort, Complaint(problem, remedy: "set it to another port, such as 8081"))
        }
        return Settings.Console(
            isEnabled: isEnabled, host: host, port: port, origin: origin, idleLimit: idle, sessionLimit: length,
            refundLimit: refundLimit)
    }
}

extension SettingRules {
    /// An amount in minor units: fen of CNY, cents of USD, yen.
    static func minorUnits(_ text: String) throws(Complaint) -> Int64 {
        guard text.isASCIIDigits, let amount = Int64(text), amount <= Money.largestAmount else {
            throw Complaint(
                "is not an amount in minor units",
                remedy: "set it to a whole number, such as 10000 for 100.00 CNY, or remove the key")
        }
        return amount
    }
}
