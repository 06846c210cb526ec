import Foundation
import PayProviders
import Testing

/// Real HTTP clients, with the fast lane and without.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ClientTests {
    private static let java = """
        import java.net.URI;
        import java.net.http.*;

        public class Shop {
            public static void main(String[] arguments) throws Exception {
                var client = HttpClient.newHttpClient();
                for (int i = 1; i <= 4; i++) {
                    var body = "{\\"out_trade_no\\":\\"java_" + i + "\\",\\"user_id\\":\\"u1\\",\\"amount\\":9900,"
                        + "\\"currency\\":\\"CNY\\",\\"subject\\":\\"A book\\",\\"channel\\":\\"sandbox\\",\\"terminal\\":\\"pc\\"}";
                    System.out.println(send(client, arguments, "/v1/payments", "key-" + i, body, i % 2 == 0));
                    System.out.println(send(client, arguments, "/v1/payments/java_" + i + "/repay", null, "{}", false));
                }
            }

            static int send(
                HttpClient client, String[] arguments, String path, String key, String body, boolean waits
            ) throws Exception {
                var request = HttpRequest.newBuilder(URI.create(arguments[0] + path))
                    .header("Authorization", "Bearer " + arguments[1]).header("Content-Type", "application/json")
                    .expectContinue(waits).POST(HttpRequest.BodyPublishers.ofString(body));
                if (key != null) request.header("Idempotency-Key", key);
                return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
            }
        }
        """

    private static let python = """
        import http.client, json, sys
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
        head = {"Authorization": "Bearer " + sys.argv[2], "Content-Type": "application/json"}
        def ask(method, path, body=None, **more):
            connection.request(method, path, body, {**head, **more.pop("headers", {})}, **more)
            answer = connection.getresponse()
            answer.read()
            print(answer.status)
        order = {"out_trade_no": "py_1", "user_id": "u1", "amount": 9900, "currency": "CNY", "subject": "A book",
                 "channel": "sandbox", "terminal": "pc"}
        ask("POST", "/v1/payments", json.dumps(order), headers={"Idempotency-Key": "k"})
        ask("POST", "/v1/payments/py_1/repay", iter([b"{", b"}"]), encode_chunked=True)
        ask("GET", "/v1/payments/py_1/page", headers={"Connection": "Upgrade", "Upgrade": "x"})
        ask("GET", "/v1/payments/py_1/page", headers={"Connection": "Close"})
        ask("GET", "/v1/payments/py_1")
        connection._http_vsn_str = "HTTP/1.0"
        ask("GET", "/v1/payments/py_1/page")
        ask("GET", "/v1/payments/py_1/page")
        """

    private static func run(
        _ settings: [String: String] = [:], _ body: (Story, Service) async throws -> Void
    ) async throws {
        for lane in ["on", "off"] {
            try await Story.run(["PAYPAGE_FAST_LANE": lane].merging(settings) { $1 }) { story, _, service in
                try await body(story, service)
            }
        }
    }

    private static func output(
        _ tool: String, _ arguments: [String], in story: Story
    ) async throws -> [String] {
        let process = try story.start(tool, arguments, [:])
        let end = try await process.waitForEnd(within: .seconds(60))
        let lines = try await process.output.all()
        let errors = try await process.errors.all()
        #expect(end == .exited(0), "\(errors) \(lines)")
        return lines
    }

    @Test(.needs(.java)) func `Java's HttpClient, which requests an upgrade to HTTP 2, pays every order`() async throws
    {
        try await Self.run { story, service in
            let file = "\(story.folder)/Shop.java"
            try Self.java.write(toFile: file, atomically: true, encoding: .utf8)
            let told = try await Self.output(
                Tool.java.path ?? "java", [file, service.client.base, service.apiKey], in: story)
            #expect(told == (0..<4).flatMap { _ in ["201", "200"] })
            #expect(try await service.attempts("java_4") == ["_1 open"])
        }
    }

    @Test(.needs(.curl)) func `curl with an upgrade to HTTP 2 gets every answer on one connection`() async throws {
        try await Self.run { story, service in
            #expect(try await service.firstPay("curled").status == 201)
            let url = "\(service.client.base)/v1/payments/curled/page"
            let told = try await Self.output(
                Tool.curl.path ?? "curl",
                [
                    "--silent", "--show-error", "--max-time", "10", "--http2", "--output", "/dev/null", "--write-out",
                    "%{http_code} %{num_connects}\\n", "--header", "Authorization: Bearer \(service.apiKey)", url,
                    "--next", "--silent", "--http2", "--output", "/dev/null", "--write-out",
                    "%{http_code} %{num_connects}\\n", "--header", "Authorization: Bearer \(service.apiKey)", url,
                ], in: story)
            #expect(told == ["200 1", "200 0"])
        }
    }

    @Test(.needs(.curl)) func `curl with Expect 100-continue loses no time`() async throws {
        try await Self.run { story, service in
            #expect(try await service.firstPay("waited").status == 201)
            let told = try await Self.output(
                Tool.curl.path ?? "curl",
                [
                    // Without an answer curl would wait longer than its limit.
                    "--silent", "--show-error", "--max-time", "10", "--expect100-timeout", "60", "--output",
                    "/dev/null",
                    "--write-out", "%{http_code}\\n", "--header", "Authorization: Bearer \(service.apiKey)", "--header",
                    "Content-Type: application/json", "--header", "Expect: 100-continue", "--data", "{}",
                    "\(service.client.base)/v1/payments/waited/repay",
                ], in: story)
            #expect(told == ["200"])
        }
    }

    @Test func `Python's http client is answered with chunks, an upgrade, Connection in capitals and HTTP 1_0`()
        async throws
    {
        try await Self.run { story, service in
            let told = try await Self.output(
                "/usr/bin/python3", ["-c", Self.python, "\(service.port)", service.apiKey], in: story)
            #expect(told == ["201", "200", "200", "200", "200", "200", "200"])
        }
    }

    @Test(.needs(.wrk)) func `wrk gets an answer to every request`() async throws {
        try await Self.run { story, service in
            #expect(try await service.firstPay("loaded").status == 201)
            let told = try await Self.output(
                Tool.wrk.path ?? "wrk",
                [
                    "--threads", "1", "--connections", "8", "--duration", "1s", "--header",
                    "Authorization: Bearer \(service.apiKey)", "\(service.client.base)/v1/payments/loaded/page",
                ], in: story
            ).joined(separator: "\n")
            #expect(told.contains("requests in"))
            #expect(!told.contains("Non-2xx") && !told.contains("Socket errors"), "\(told)")
        }
    }
}
