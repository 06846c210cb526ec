import Foundation
import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// The page for a browser, read by the HTML and query parsers of Python's standard library (Debian's `python3`, which
/// `script/bootstrap` installs). Python decodes any `&name` in an attribute as a character, as sanitizers do.
@Suite struct AlipayPageFormTests {
    /// The parsed page.
    struct Reading: Decodable {
        struct Form: Decodable {
            let action: String
            let method: String
            let charset: String

            private enum CodingKeys: String, CodingKey {
                case action, method
                case charset = "accept-charset"
            }
        }

        struct Input: Decodable {
            let type: String
            let name: String
            let value: String
        }

        let forms: [Form]
        let inputs: [Input]
        /// The names and values in the action's query.
        let query: [[String]]
        /// The attributes of the buttons inside `noscript`.
        let buttons: [[String: String]]
        let scripts: [String]
    }

    static let subjects = [
        "Tea for two", "茶 🍵 and \"quotes\" 'too'", "<b>&notify_url=x&lt;&amp;</b>", "</form><script>alert(1)</script>",
        "a+b%20c", "\\\"\\u0041", "&copy=1 &#39; &quot;", "家族👨‍👩‍👧‍👦で",
        "\u{600}<script>alert(1)</script>", "\"\u{301}><b>",
    ]

    static let addresses = [
        nil, "https://shop.invalid/back", "https://shop.invalid/r?x=1&y=2&notify_url=3&copy=4&lt=5",
        "https://shop.invalid/茶/🍵?q=\"<'>\"&r=%26%2B+", "https://shop.invalid/#'\"></form><input name=x value=y>",
    ]

    @Test(arguments: [Terminal.pc, .h5])
    func `an independent parser reads the exact, validly signed parameters of an Alipay page`(
        _ terminal: Terminal
    ) async throws {
        let requests = Self.subjects.flatMap { subject in
            Self.addresses.map { AlipayFixture.stored(subject: subject, returnURL: $0) }
        }
        let readings = try await read(terminal, requests)
        try #require(readings.count == requests.count)
        for (stored, reading) in zip(requests, readings) {
            let form = try #require(reading.forms.first)
            #expect(reading.forms.count == 1)
            #expect(form.method == "post" && form.charset == "utf-8")
            #expect(form.action.hasPrefix(AlipayFixture.gatewayURL + "?"))
            let input = try #require(reading.inputs.first)
            #expect(reading.inputs.count == 1)
            #expect(input.type == "hidden" && input.name == "biz_content")
            let sent = Dictionary(
                reading.query.map { ($0[0], $0[1]) } + [(input.name, input.value)],
                uniquingKeysWith: { _, _ in "twice" })
            #expect(sent.filter { $0.key != "sign" } == expected(terminal, stored))
            #expect(AlipayReading.isSigned(sent))
        }
    }

    @Test func `an Alipay page submits itself, and has a button that sends nothing extra without scripts`() async throws
    {
        let reading = try #require(try await read(.pc, [AlipayFixture.stored()]).first)
        #expect(reading.buttons == [["type": "submit"]])
        #expect(reading.scripts == [#"document.getElementById("alipay").submit();"#])
    }

    private func expected(_ terminal: Terminal, _ stored: StoredRequest) -> [String: String] {
        var parameters = [
            "app_id": AlipayFixture.appID, "charset": "utf-8", "format": "JSON", "notify_url": stored.notifyURL,
            "method": terminal == .pc ? "alipay.trade.page.pay" : "alipay.trade.wap.pay", "sign_type": "RSA2",
            "timestamp": "2026-11-22 18:00:00", "version": "1.0",
        ]
        parameters["return_url"] = stored.returnURL
        let subject = stored.subject.text.replacing("/", with: "／").replacing("=", with: "＝").replacing("&", with: "＆")
        var content = [
            "out_trade_no": AlipayFixture.number.text, "total_amount": "99.00", "subject": subject,
            "product_code": terminal == .pc ? "FAST_INSTANT_TRADE_PAY" : "QUICK_WAP_WAY",
            "time_expire": "2026-11-22 18:30:00",
        ]
        if terminal == .h5 { content["quit_url"] = stored.returnURL }
        parameters["biz_content"] = AlipayWire.encode(content)
        return parameters
    }

    private func read(_ terminal: Terminal, _ requests: [StoredRequest]) async throws -> [Reading] {
        var documents: [String] = []
        for stored in requests {
            let answer = await AlipayFixture.provider().create(AlipayFixture.create(for: terminal, stored))
            if case .made(let page) = answer { documents.append(page.content) }
        }
        return try await PythonReader.read(documents)
    }
}

/// Python's `html.parser` and `urllib.parse` in a separate process.
private enum PythonReader {
    struct Failure: Error {
        let status: Int32
    }

    private static let script = """
        import html.parser, json, sys, urllib.parse

        class Reader(html.parser.HTMLParser):
            def __init__(self):
                super().__init__(convert_charrefs=True)
                self.found = dict(forms=[], inputs=[], query=[], buttons=[], scripts=[])
                self.inside = []
            def handle_starttag(self, tag, attributes):
                attributes = dict(attributes)
                if tag == "form":
                    self.found["forms"].append(attributes)
                    query = urllib.parse.urlsplit(attributes["action"]).query
                    self.found["query"] += urllib.parse.parse_qsl(query, strict_parsing=True, errors="strict")
                elif tag == "input":
                    self.found["inputs"].append(attributes)
                elif tag == "button" and "noscript" in self.inside:
                    self.found["buttons"].append(attributes)
                if tag not in ("input", "meta"):
                    self.inside.append(tag)
            def handle_endtag(self, tag):
                assert self.inside.pop() == tag
            def handle_data(self, data):
                if self.inside and self.inside[-1] == "script":
                    self.found["scripts"].append(data)

        def read(document):
            reader = Reader()
            reader.feed(document)
            reader.close()
            assert reader.inside == []
            return reader.found

        documents = json.loads(sys.stdin.buffer.read().decode("utf-8", "strict"))
        sys.stdout.write(json.dumps([read(document) for document in documents]))
        """

    static func read(_ documents: [String]) async throws -> [AlipayPageFormTests.Reading] {
        try await withCheckedThrowingContinuation { caller in
            let thread = Thread { caller.resume(with: Result { try run(documents) }) }
            thread.start()
        }
    }

    /// Fails if Python is missing.
    private static func run(_ documents: [String]) throws -> [AlipayPageFormTests.Reading] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The program reads all input before it writes, so the two cannot deadlock.
        try input.fileHandleForWriting.write(contentsOf: try JSONEncoder().encode(documents))
        try input.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(status: process.terminationStatus)
        }
        return try JSONDecoder().decode([AlipayPageFormTests.Reading].self, from: text)
    }
}
