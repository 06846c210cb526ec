import PayTestSupport
import ServiceTestSupport
import Testing

/// The table of ``DoorLimits``, row by row, over real sockets, with and without the fast lane. Time stands still here,
/// so each closed connection was closed by its response.
@Suite(.timeLimit(.minutes(5))) struct DoorRowTests {
    private static let java = [
        "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAAB",
    ]

    @Test(arguments: [
        java, ["Connection: upgrade", "Upgrade: x"], ["Connection: keep-alive, UPGRADE", "Upgrade: websocket"],
        ["Connection: Upgrade", "Connection: x", "Upgrade: a, b"], ["Upgrade: h2c"], ["Proxy-Connection: close"],
    ])
    func `an upgrade request and the requests after it are answered in HTTP 1_1`(fields: [String]) async throws {
        try await withBothLanes { (service: TestService) async throws in
            let connection = try KeptConnection(port: service.port)
            for round in 0..<3 {
                for (line, body, status) in [
                    (KeptConnection.page, nil, 200), (KeptConnection.repay, "{}", 200),
                    ("GET /nowhere HTTP/1.1", nil, 404), ("GET /v1/payments HTTP/1.1", nil, 200),
                ] {
                    connection.write(KeptConnection.request(line, id: "u\(round)", fields, body: body))
                    connection.write(KeptConnection.request(KeptConnection.page, id: "p\(round)"))
                    let answers = try await connection.answers(2)
                    #expect(answers.map(\.status) == [status, 200], "\(line)")
                    #expect(answers.map(\.requestID) == ["u\(round)", "p\(round)"])
                }
            }
        }
    }

    @Test func `CONNECT is refused and closed`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            for target in ["a:443", "/v1/payments", "*"] {
                let answer = try await service.exchange(
                    "CONNECT \(target) HTTP/1.1\r\nHost: a:443\r\n\r\nfurther bytes")
                expectProblem(answer, 405, "METHOD_NOT_ALLOWED")
                #expect(answer.header("Connection") == "close")
            }
            #expect(service.log.all.contains { $0.contains("http.method=none") && $0.contains("http.status=405") })
        }
    }

    @Test func `100-continue is answered before the body is sent`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            for field in ["Expect: 100-continue", "expect: 100-Continue"] {
                let connection = try KeptConnection(port: service.port)
                let request = KeptConnection.request(KeptConnection.repay, [field], body: "{}")
                connection.write(String(request.dropLast(2)))
                #expect(try await connection.status() == 100)
                connection.write("{}")
                #expect(try await connection.answer().status == 200)
                connection.write(KeptConnection.request(KeptConnection.page))
                #expect(try await connection.answer().status == 200)
            }
        }
    }

    @Test func `a request that is refused by its head alone gets no 100`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            func head(_ line: String, _ length: Int, key: String) -> String {
                KeptConnection.request(line, ["Expect: 100-continue", "Content-Length: \(length)"], key: key)
            }
            #expect(try await service.exchange(head(KeptConnection.repay, 2, key: "wrong")).status == 401)
            #expect(try await service.exchange(head("POST /nowhere HTTP/1.1", 2, key: "")).status == 404)
            let large = head("POST /v1/payments HTTP/1.1", 999_999, key: TestService.keys[0])
            #expect(try await service.exchange(large).status == 413)
        }
    }

    @Test func `an unknown expectation is refused, and ignored in HTTP 1_0`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let field = "Expect: 200-ok"
            expectProblem(
                try await service.exchange(KeptConnection.request(KeptConnection.page, [field])), 417,
                "EXPECTATION_FAILED")
            let old = KeptConnection.page.replacing("1.1", with: "1.0")
            #expect(try await service.exchange(KeptConnection.request(old, [field])).status == 200)
        }
    }

    @Test(arguments: [
        ("1.1", ["Connection: close"]), ("1.1", ["Connection: Close"]), ("1.1", ["connection:CLOSE"]),
        ("1.1", ["Connection: close, TE"]), ("1.1", ["Connection: TE", "Connection: foo , close"]), ("1.0", []),
        ("1.0", ["Connection: close"]), ("1.0", ["Connection: TE"]),
    ])
    func `a connection ends with the answer to the last request`(version: String, fields: [String]) async throws {
        try await withBothLanes { (service: TestService) async throws in
            for (line, body) in [
                (KeptConnection.page, nil), (KeptConnection.repay, "{}"), ("GET /healthz HTTP/1.1", nil),
            ] {
                let line = line.replacing("1.1", with: version)
                let connection = try KeptConnection(port: service.port)
                connection.write(KeptConnection.request(line, fields, body: body))
                // Not served, because it comes after the last request.
                connection.write(KeptConnection.request(KeptConnection.page))
                let answer = try await connection.answer()
                #expect(answer.status == 200)
                #expect(answer.header("Connection") == "close")
                try await connection.waitForEnd()
            }
        }
    }

    @Test func `an HTTP 1_0 connection with keep-alive stays open`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let connection = try KeptConnection(port: service.port)
            for _ in 0..<3 {
                connection.write(
                    KeptConnection.request(
                        KeptConnection.page.replacing("1.1", with: "1.0"), ["Connection: Keep-Alive"]))
                let answer = try await connection.answer()
                #expect(answer.status == 200)
                #expect(answer.header("Connection") == "keep-alive")
            }
        }
    }

    @Test func `an HTTP 1_0 client gets a stream without chunks`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let connection = try KeptConnection(port: service.port)
            connection.write(
                KeptConnection.request("GET /v1/payments/\(Sample.number)/events HTTP/1.0", ["Connection: keep-alive"]))
            let head = try await connection.answer()
            #expect(head.status == 200)
            #expect(head.header("Transfer-Encoding") == nil)
            #expect(head.header("Connection") == "close")
        }
    }

    @Test(arguments: [
        [], ["Host: a", "Host: a"], ["Host: a", "HOST: b"], ["Host:"], ["Host: a b"], ["Host: u@a"], ["Host: a:b"],
    ])
    func `a request without exactly one valid Host is refused`(fields: [String]) async throws {
        try await withBothLanes { (service: TestService) async throws in
            let key = "Authorization: Bearer \(TestService.keys[0])"
            for line in [KeptConnection.page, "GET /healthz HTTP/1.1"] {
                let text = ([line, key] + fields).joined(separator: "\r\n") + "\r\n\r\n"
                expectProblem(try await service.exchange(text), 400, "INVALID_REQUEST")
                guard fields.isEmpty else { continue }
                #expect(try await service.exchange(text.replacing("HTTP/1.1", with: "HTTP/1.0")).status == 200)
            }
        }
    }

    @Test(arguments: [
        "\u{16}\u{3}\u{1}\u{2}", "GET\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "POST /v1/payments HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func `bytes that are not HTTP get a 400 and a close`(text: String) async throws {
        try await withBothLanes { (service: TestService) async throws in
            expectProblem(try await service.exchange(text), 400, "INVALID_REQUEST")
        }
    }

    @Test func `a request that only the decoder refuses closes the connection`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let answer = try await service.exchange("get /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.status == 400)
        }
    }

    @Test func `a head over its limit gets a 431 and a close`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            for fields in [
                ["X: " + String(repeating: "x", count: 16_384)], (0..<100).map { "X-\($0): y" },
            ] {
                let text = KeptConnection.request(KeptConnection.page, fields)
                expectProblem(try await service.exchange(text), 431, "HEADERS_TOO_LARGE")
            }
        }
    }

    @Test func `an absolute target is served, and its host overrides Host`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let connection = try KeptConnection(port: service.port)
            for target in ["http://b/healthz", "HTTP://b:80/healthz?x=1"] {
                connection.write("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.answer().status == 200)
            }
        }
    }

    @Test func `a chunked body is accepted, and the next request is served`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let connection = try KeptConnection(port: service.port)
            let head = KeptConnection.request(
                KeptConnection.repay, ["Content-Type: application/json", "Transfer-Encoding: chunked"])
            let request = head + #"1;a="b""# + "\r\n{\r\n10\r\n" + #""terminal":"pc"}"# + "\r\n0\r\nX-Sum: 1\r\n\r\n"
            for size in [1, 7, request.utf8.count] {
                let bytes = Array(request)
                for start in stride(from: 0, to: bytes.count, by: size) {
                    connection.write(String(bytes[start..<min(start + size, bytes.count)]))
                }
                connection.write(KeptConnection.request(KeptConnection.page))
                #expect(try await connection.answers(2).map(\.status) == [200, 200])
            }
        }
    }

    @Test(arguments: ["x\r\n", "1\r\nab\r\n", "-1\r\n", "1\n", "0\r\n\u{0}"])
    func `a malformed chunked body gets a 400 and a close`(body: String) async throws {
        try await withBothLanes { (service: TestService) async throws in
            let head = KeptConnection.request(
                KeptConnection.repay, ["Content-Type: application/json", "Transfer-Encoding: chunked"])
            expectProblem(try await service.exchange(head + body), 400, "INVALID_REQUEST")
        }
    }

    @Test func `a response before the request's end closes the connection`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let length = "Content-Length: 999999999"
            let (wrong, right) = ("wrong", TestService.keys[0])
            for (line, key, status) in [
                ("POST /v1/payments HTTP/1.1", wrong, 401), ("POST /nowhere HTTP/1.1", wrong, 404),
                ("POST /v1/payments HTTP/1.1", right, 413), ("GET /healthz HTTP/1.1", wrong, 200),
            ] {
                let answer = try await service.exchange(KeptConnection.request(line, [length], key: key) + "a")
                #expect(answer.status == status, "\(line)")
                #expect(answer.header("Connection") == "close", "\(line)")
            }
            let chunks = KeptConnection.request("POST /v1/payments HTTP/1.1", ["Transfer-Encoding: chunked"])
            let answer = try await service.exchange(
                chunks.replacing("\r\n\r\n", with: "\r\nContent-Type: application/json\r\n\r\n")
                    + "20000\r\n" + String(repeating: " ", count: 0x20000))
            expectProblem(answer, 413, "PAYLOAD_TOO_LARGE")
        }
    }
}
