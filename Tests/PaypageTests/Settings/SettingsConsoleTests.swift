import PayConsole
import PayCore
import Testing

@testable import paypage

@Suite struct SettingsConsoleTests {
    private func enough(_ changes: [String: String]) -> [String: String] {
        let console = changes.map { ("PAYPAGE_CONSOLE_\($0.key)", $0.value) }
        return SettingsFixture.enough(Dictionary(uniqueKeysWithValues: console))
    }

    @Test func `the console is off, and would listen on loopback`() throws {
        let settings = try SettingsFixture.load(SettingsFixture.enough)
        let console = settings.console
        #expect(!console.isEnabled && console.host == "127.0.0.1" && console.port == 8_081)
        #expect(console.idleLimit == .seconds(1_800) && console.sessionLimit == .seconds(43_200))
        #expect(console.refundLimit == nil && console.base == "http://127.0.0.1:8081")
    }

    @Test func `the console's settings reach its rules`() throws {
        let settings = try SettingsFixture.load(
            enough([
                "ENABLED": "true", "HOST": "0.0.0.0", "PUBLIC_URL": "https://console.example.com/",
                "REFUND_LIMIT": "500",
                "SESSION_IDLE": "5m", "SESSION_LENGTH": "1h",
            ]))
        let rules = settings.consoleRules
        #expect(rules.origin == "https://console.example.com" && rules.refundLimit == 500)
        #expect(rules.idleLimit == .seconds(300) && rules.sessionLimit == .seconds(3_600))
        #expect(settings.console.base == "https://console.example.com")
    }

    @Test(arguments: [
        (["HOST": "0.0.0.0"], "console.public.url", "is not set"),
        (["HOST": "0.0.0.0", "PUBLIC_URL": "http://127.0.0.1"], "console.public.url", "loopback"),
        (["PUBLIC_URL": "http://console.example.com"], "console.public.url", "is not https"),
        (["PUBLIC_URL": "https://console.example.com/x"], "console.public.url", "has a path"),
        (["PORT": "8080"], "console.port", "http.port"), (["SESSION_IDLE": "30s"], "console.session.idle", "short"),
        (["SESSION_LENGTH": "8d"], "console.session.length", "long"),
        (["REFUND_LIMIT": "1.50"], "console.refund.limit", "minor units"),
        (["REFUND_LIMIT": "-1"], "console.refund.limit", "minor units"),
    ])
    func `a console that would not be safe is a mistake`(
        _ changes: [String: String], _ key: String, _ part: String
    ) throws {
        let mistakes = try SettingsFixture.mistakes(enough(changes.merging(["ENABLED": "true"]) { $1 }))
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix("\(key) ("), "\(mistakes)")
        #expect(mistakes[0].contains(part), "\(mistakes)")
    }

    @Test func `a console that is off needs no address`() throws {
        #expect(try SettingsFixture.mistakes(enough(["HOST": "0.0.0.0"])) == [])
    }
}
