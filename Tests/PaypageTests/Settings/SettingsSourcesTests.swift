import PayCore
import Testing

@testable import paypage

@Suite struct SettingsSourcesTests {
    @Test func `a variable overrides the file, and the file overrides the default`() throws {
        let environment = SettingsFixture.enough(["PAYPAGE_HTTP_PORT": "1001"])
        let settings = try SettingsFixture.load(environment, file: "http: {port: 1002, host: localhost}")

        #expect(settings.http.port == 1001)
        #expect(settings.http.host == "localhost")
        #expect(settings.orderTTL == .seconds(1800))
    }

    @Test(arguments: [
        "http:\n  trusted:\n    proxies: [10.0.0.7, 10.0.0.8]",
        "http.trusted.proxies: 10.0.0.7, 10.0.0.8",
        "http:\n  trusted.proxies:\n    - 10.0.0.7\n    - 10.0.0.8",
        #"{"http": {"trusted": {"proxies": ["10.0.0.7", "10.0.0.8"]}}}"#,
        "{\n\t\"http.trusted.proxies\":\"10.0.0.7,10.0.0.8\"\n}",
    ])
    func `nested keys, dotted keys, lists and commas in YAML and JSON have the same meaning`(file: String) throws {
        let settings = try SettingsFixture.load(SettingsFixture.enough, file: file)

        #expect(settings.http.trustedProxies.map { "\($0)" } == ["10.0.0.7", "10.0.0.8"])
    }

    @Test(arguments: ["", "# nothing yet\n", "{}", "http:\n  # port: 80\n", "sandbox: {}"])
    func `a settings file may be empty`(file: String) throws {
        #expect(try SettingsFixture.load(SettingsFixture.enough, file: file).http.port == 8080)
    }

    @Test func `a list in a variable is split at commas`() throws {
        let environment = SettingsFixture.enough(["PAYPAGE_SANDBOX_CHANNELS": "sandbox, sandbox2"])

        #expect(try SettingsFixture.load(environment).sandboxes == ["sandbox", "sandbox2"])
    }

    @Test func `variables of other programs are ignored`() throws {
        #expect(try SettingsFixture.mistakes(SettingsFixture.enough(["HTTP_PORT": "x", "PAYPAGER": "y"])).isEmpty)
    }

    @Test(arguments: [
        ("PAYPAGE_HTPP_PORT", "did you mean PAYPAGE_HTTP_PORT?"),
        ("PAYPAGE_http_port", "did you mean PAYPAGE_HTTP_PORT?"),
        ("PAYPAGE_HTTP.PORT", "did you mean PAYPAGE_HTTP_PORT?"),
        ("PAYPAGE_COLOUR", "unset it"),
        ("PAYPAGE_HTTP", "unset it"),
        ("PAYPAGE_", "unset it"),
    ])
    func `an unknown variable is a mistake`(variable: String, remedy: String) throws {
        let line = "\(variable): is an unknown variable; \(remedy)"

        #expect(try SettingsFixture.mistakes(SettingsFixture.enough([variable: "1"])) == [line])
    }

    @Test(arguments: [
        (
            "databse: {url: 'sqlite:x'}", "databse.url: ",
            "is an unknown key; did you mean database.url?"
        ),
        ("http_port: 80", "http_port: ", "is an unknown key; did you mean http.port?"),
        ("colour: {}", "colour: ", "is an unknown key; remove it"),
        ("http: 80", "http: ", "is a group of keys; set a key in the group"),
        (
            "http.port: 80\nhttp: {port: 81}", "http.port (PAYPAGE_HTTP_PORT): ",
            "is in the file twice; remove one of them"
        ),
        (
            "http.port: [80]", "http.port (PAYPAGE_HTTP_PORT): ",
            "has a value of the wrong type; write one string or number"
        ),
        ("http.port:", "http.port (PAYPAGE_HTTP_PORT): ", "is empty; set a value, or remove the key"),
        ("return.hosts: []", "return.hosts (PAYPAGE_RETURN_HOSTS): ", "is empty; set a value, or remove the key"),
        (
            "return.hosts: {a: b}", "return.hosts (PAYPAGE_RETURN_HOSTS): ",
            "has a value of the wrong type; write a list, or a string with commas"
        ),
    ])
    func `the message about a settings file names the key`(file: String, subject: String, complaint: String) throws {
        #expect(try SettingsFixture.mistakes(SettingsFixture.enough, file: file) == [subject + complaint])
    }

    @Test(arguments: [
        ("http: {port: 80", "is neither YAML nor JSON at line"),
        ("http.port: 80\nhttp.port: 81", "is neither YAML nor JSON at line 1 (duplicate key)"),
        ("- http.port", "is not a map of keys"),
        ("http.port", "is not a map of keys"),
        ("? [a, b]\n: c", "has an invalid key on line 1"),
    ])
    func `the message about an unreadable settings file names the place`(file: String, part: String) throws {
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough, file: file)

        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains(part) == true, "\(mistakes)")
    }

    @Test(arguments: ["/nowhere/paypage.yaml", "/tmp"])
    func `a settings file that can't be opened is the only mistake`(path: String) {
        let mistakes = #expect(throws: SettingsMistakes.self) {
            try SettingsFixture.load(["PAYPAGE_COLOUR": "red"], path: path)
        }

        #expect(
            mistakes?.all.map(\.subject) == [
                .variable("PAYPAGE_COLOUR"), .configFile(path: path),
            ])
    }
}
