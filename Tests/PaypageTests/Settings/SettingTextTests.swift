import Testing

@testable import paypage

@Suite struct SettingTextTests {
    @Test(arguments: [
        ("1ms", Duration.milliseconds(1)), ("500ms", .milliseconds(500)), ("30s", .seconds(30)),
        ("30m", .seconds(1800)), ("2h", .seconds(7200)), ("15d", .seconds(1_296_000)), ("1h30m", .seconds(5400)),
        ("1d2h3m4s5ms", .milliseconds(93_784_005)), ("0h5s", .seconds(5)), ("90s", .seconds(90)),
    ])
    func `a duration is a sum of numbers with units`(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "", "30", "0", "-1s", "+1s", "1.5h", "1 h", "1H", "s", "m5", "30m1h", "5s5s", "1w", "1h30", " 1h", "1h ",
        "9999999999s", "٣s",
    ])
    func `a text without unit or number is no duration`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func `the longest duration does not overflow`() {
        #expect(DurationText.parse("999999999d999999999h999999999m999999999s999999999ms") != nil)
    }

    @Test(arguments: [Duration.seconds(60), .milliseconds(100), .seconds(1_296_000), .milliseconds(93_784_005)])
    func `a written duration is read as the same duration`(duration: Duration) {
        #expect(DurationText.parse(DurationText.text(of: duration)) == duration)
    }

    @Test(arguments: [
        ("https://pay.example.com", "https://pay.example.com"), ("https://pay.example.com/", "https://pay.example.com"),
        ("HTTPS://Pay.Example.com:8443/a/b//", "https://pay.example.com:8443/a/b"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://127.9.9.9/x", "http://127.9.9.9/x"),
        ("http://localhost/", "http://localhost"), ("http://[::1]:80/", "http://[::1]:80"),
        ("https://[2001:DB8::7]", "https://[2001:db8::7]"), ("https://10.0.0.7", "https://10.0.0.7"),
    ])
    func `a base URL is absolute, and loses its last slash`(text: String, plain: String) throws {
        #expect(try BaseURL.parse(text) == plain)
    }

    @Test(arguments: [
        "pay.example.com", "//pay.example.com", "/x", "ftp://pay.example.com", "https://", "https:///x", "https:x",
        "https://pay.example.com?x=1", "https://pay.example.com/?", "https://pay.example.com#x",
        "https://user:word@pay.example.com", "https://user@pay.example.com", "https://pay.example.com:0",
        "https://pay.example.com:70000", "https://pay example.com", "https://pay.example.com/a b", "https://%61.com",
        "http://pay.example.com", "http://10.0.0.7", "http://127.0.0.1.example.com", "http://[::2]", "http://0.0.0.0",
        "http://localhost.example.com", "http://127.1", "http://128.0.0.1", "http://12.0.0.1",
        "https://[fe80::1%25eth0]",
    ])
    func `a text in another form is no base URL`(text: String) {
        #expect(throws: Complaint.self) { try BaseURL.parse(text) }
    }

    @Test(arguments: [
        ("http.port", "htp.port", 1), ("http.port", "http.port", 0), ("", "abc", 3), ("kitten", "sitting", 3),
    ])
    func `the edit distance is the number of typing errors`(source: String, target: String, distance: Int) {
        #expect(SettingName.editDistance(from: source, to: target) == distance)
        #expect(SettingName.editDistance(from: target, to: source) == distance)
    }
}
