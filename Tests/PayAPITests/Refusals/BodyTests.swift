import PayCore
import PayProviders
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct BodyTests {
    private func send(_ service: TestService, _ body: String, contentType: String? = nil) async throws -> Answer {
        var headers = ["Idempotency-Key": "key-1"]
        headers["Content-Type"] = contentType
        return try await service.client.send(.post, "/v1/payments", body, headers: headers)
    }

    /// Bodies that are not JSON objects. Each is one mistake about the whole body.
    private static let noObjects: [String] = [
        "", " ", "nonsense", "{", "}", "{]", "[]", "[{}]", "null", "true", "1", "\"text\"", "{\"a\":}", "{'a':1}",
        "{\"a\":1}x", "{\"a\"}", "{1:1}", "{\"a\":1 \"b\":2}", "\u{FEFF}", "{\"\\ud800\":1}",
        String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
        String(repeating: "{\"a\":", count: 10_000) + "1" + String(repeating: "}", count: 10_000),
    ]

    @Test func `a body that is not a JSON object is one mistake`() async throws {
        try await withService { service in
            for body in Self.noObjects {
                let answer = try await send(service, body)
                expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
                #expect(pointers(answer) == [""], "\(body.prefix(20))")
            }
            #expect(try await service.tradeCount() == 0)
        }
    }

    @Test(arguments: [
        ("9900", "09900"), ("9900", "NaN"), ("9900", "+9900"), ("9900", "0x26AC"), ("Tea", "Tea\u{1}"),
        ("Tea", "Tea\n"), ("Tea", "Tea\\x"), ("Tea", "\\ud800"), ("\"user_1\"}", "\"user_1\",}"),
        ("\"user_1\"}", "\"user_1\"}}"),
    ])
    func `a body that is almost JSON is refused`(good: String, bad: String) async throws {
        try await withService { service in
            let answer = try await send(service, Sample.body().text.replacing(good, with: bad))
            #expect(answer.status == 400, "\(answer.text.prefix(200))")
        }
    }

    @Test func `a deeply nested field is a mistake, not a crash`() async throws {
        try await withService { service in
            let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
            for body in [
                Sample.body().text.dropLast() + #","more":\#(deep)}"#,
                #"{"out_trade_no":\#(deep)}"#, #"{"payer":\#(String(repeating: #"{"payer":"#, count: 5_000))"#,
            ] {
                let answer = try await send(service, String(body))
                #expect(answer.status == 400)
                #expect(answer.code == "INVALID_REQUEST")
            }
        }
    }

    @Test func `a body that is not UTF-8 is refused`() async throws {
        try await withService { service in
            for bad: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
                var bytes = Array(Sample.body().text.utf8)
                let place = bytes.firstRange(of: Array("Tea".utf8))!.lowerBound
                bytes.insert(contentsOf: bad, at: place)
                let answer = try await service.client.send(
                    .post, "/v1/payments", bytes: bytes, headers: ["Idempotency-Key": "key-1"])
                #expect(answer.status == 400, "\(bad)")
            }
        }
    }

    /// A valid call with one invalid field, and the pointer of the mistake.
    @Test(
        arguments: [
            (
                "out_trade_no",
                ["abc", "12345678901234567890123456789", "a-b-c-d", "ордер", "", 1234, true, [], [:], "a/../b"]
            ),
            (
                "user_id",
                ["", "a\nb", "a\u{0}b", "a\u{202E}b", "a\u{2066}b", "a\u{7F}b", "a\u{85}b", "a\u{2028}b", 1, []]
            ),
            (
                "amount",
                [
                    0, -1, -9_900, 1_000_000_000_001, 9_223_372_036_854_775_807, 99.5, 0.1, 1e300, "9900", true,
                    [9_900], [:],
                ]
            ),
            ("currency", ["cny", "RMB", "XXX", "XAU", "CN", "", "CNY ", "¥", 156, true]),
            ("subject", ["", "tea\ttime", "tea\u{202E}emit", "\u{1B}[31mred", "tea\u{2069}", 1, ["tea"]]),
            ("channel", ["", "Alipay", "ali pay", "1pay", "../x", 1, false, [:]]),
            ("terminal", ["", "PC", "desktop", "h5 ", 5, []]),
            ("expires_in", [0, -1, 1_296_001, 0.5, "600", true]),
            ("payer", ["o1", [], 1, true]),
            (
                "return_url",
                [
                    "", "shop.example", "http://shop.example/", "javascript:alert(1)", "https://",
                    "https://user@shop.example/",
                    "https://shop.example/\n", "https://shop.example/a b", "//shop.example/", "ftp://127.0.0.1/", 1, [],
                ]
            ),
        ] as [(String, [JSONValue])])
    func `an invalid field is the only mistake of its request`(field: String, values: [JSONValue]) async throws {
        try await withService { service in
            for value in values {
                let answer = try await service.client.pay(Sample.body(Sample.number, [field: value]))
                expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
                #expect(pointers(answer) == ["/\(field)"], "\(value)")
            }
            #expect(try await service.tradeCount() == 0)
        }
    }

    @Test func `numbers beyond 64 bits are mistakes`() async throws {
        try await withService { service in
            for number in [
                "1e400", "-1e400", "99999999999999999999999999", "9900.5", "1e-1", "0.0", "-0", "9223372036854775808",
                String(repeating: "9", count: 5_000),
            ] {
                let text = Sample.body().text.replacing("9900", with: number)
                let answer = try await send(service, text)
                #expect(answer.status == 400, "\(number.prefix(30))")
            }
        }
    }

    @Test(arguments: [
        "99.00", "99.0", "9900.0", "9.9e3", "1e2", "1E2", "1e+2", "990000e-2", "-0", "-0.0", "\"9900\"", "\"99.00\"",
    ])
    func `amount and expires_in must be in integer notation`(number: String) async throws {
        try await withService { service in
            let amount = try await send(service, Sample.body().text.replacing("9900", with: number))
            expectProblem(amount, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(amount) == ["/amount"])
            let body = Sample.body(Sample.number, ["expires_in": 12_345]).text.replacing("12345", with: number)
            #expect(pointers(try await send(service, body)) == ["/expires_in"])
            #expect(try await service.tradeCount() == 0)
        }
    }

    @Test(arguments: [
        (#""amount":9900"#, #""amount":99.00,"amount":9900"#, "/amount"),
        (#""amount":9900"#, #""amount":9900,"amount":99.00"#, "/amount"),
        (#""amount":9900"#, #""amount":9900,"am\u006funt":9900"#, "/amount"),
        (#""terminal":"pc""#, #""terminal":"pc","terminal":"h5""#, "/terminal"),
        (#""terminal":"pc""#, #""terminal":"pc","payer":{"openid":"a","openid":"b"}"#, "/payer/openid"),
    ])
    func `a repeated field is a mistake`(once: String, twice: String, pointer: String) async throws {
        try await withService { service in
            let text = Sample.body().text
            #expect(text.contains(once))
            let answer = try await send(service, text.replacing(once, with: twice))
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(answer) == [pointer])
        }
    }

    @Test func `a body in UTF-16 is refused`() async throws {
        try await withService { service in
            let wide = Sample.body().text.replacing("9900", with: "99.00").utf16.flatMap {
                [UInt8($0 & 0xFF), UInt8($0 >> 8)]
            }
            let answer = try await service.client.send(
                .post, "/v1/payments", bytes: wide, headers: ["Idempotency-Key": "key-1"])
            #expect(pointers(answer) == [""])
        }
    }

    @Test(arguments: [
        "subject", "user_id",
    ])
    func `a text field may have its documented length, and not one character more`(field: String) async throws {
        try await withService { service in
            let longest = field == "subject" ? 127 : 128
            let fits = String(repeating: "茶", count: longest)
            let key = "key-2"
            let taken = try await service.client.pay(Sample.body("order_2", [field: .string(fits)]), key: key)
            #expect(taken.status == 201)
            let long = try await service.client.pay(Sample.body(Sample.number, [field: .string(fits + "茶")]))
            #expect(pointers(long) == ["/\(field)"])
        }
    }

    @Test func `an order with too little time to pay is refused`() async throws {
        try await withService { service in
            let short = try await service.client.pay(Sample.body(Sample.number, ["expires_in": 60]))
            expectProblem(short, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(short) == ["/expires_in"])
            #expect(try await service.client.pay(Sample.body(Sample.number, ["expires_in": 61])).status == 201)
            let longest = Sample.body("order_2", ["expires_in": 1_296_000])
            #expect(try await service.client.pay(longest, key: "key-2").status == 201)
        }
    }

    @Test func `all missing or null required fields are reported`() async throws {
        try await withService { service in
            let all: Set = ["/out_trade_no", "/user_id", "/amount", "/currency", "/subject"]
            let empty = try await send(service, "{}")
            expectProblem(empty, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(Set(pointers(empty)) == all)
            #expect(pointers(empty).count == all.count)
            let nulls = Sample.body().keys.map { "\"\($0)\":null" }.joined(separator: ",")
            #expect(Set(pointers(try await send(service, "{\(nulls)}"))) == all)
        }
    }

    @Test(
        arguments: [
            (["terminal": .null], "/terminal"), (["channel": .null], "/channel"),
            (["channel": .null, "terminal": .null, "payer": ["client_ip": "192.0.2.7"]], "/payer"),
        ] as [([String: JSONValue], String)])
    func `half a choice of a channel is refused with a pointer`(change: [String: JSONValue], pointer: String)
        async throws
    {
        try await withService { service in
            let answer = try await service.client.pay(Sample.body(Sample.number, change))
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(answer) == [pointer])
            expectProblem(try await service.client.order(), 404, "PAY_ORDER_NOT_EXIST")
        }
    }

    @Test func `all mistakes of a body are reported with their pointers`() async throws {
        try await withService { service in
            let body: JSONValue = [
                "out_trade_no": "a", "user_id": "", "amount": 0, "currency": "RMB", "subject": "\n", "channel": "A",
                "terminal": "tv", "expires_in": 0, "return_url": "x",
                "payer": ["openid": "ö", "client_ip": "here", "a/b": 1, "m~n": 2], "x/y~z": 1, "fresh": true,
            ]
            let answer = try await service.client.pay(body)
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(
                Set(pointers(answer)) == [
                    "/out_trade_no", "/user_id", "/amount", "/currency", "/subject", "/channel", "/terminal",
                    "/expires_in", "/return_url", "/payer/openid", "/payer/client_ip", "/payer/a~1b", "/payer/m~0n",
                    "/x~1y~0z", "/fresh",
                ])
            #expect(pointers(answer).count == 15)
            #expect(answer.json["errors"].items.allSatisfy { $0.keys == ["pointer", "detail"] })
        }
    }

    @Test func `all mistakes of a repay are reported`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.client.repay(
                Sample.number, ["channel": 1, "terminal": "tv", "fresh": "yes", "payer": ["openid": ""], "amount": 1])
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(Set(pointers(answer)) == ["/channel", "/terminal", "/fresh", "/payer/openid", "/amount"])
        }
    }

    @Test(arguments: [
        ("https://shop.example/thanks", true), ("https://SHOP.example/", true), ("https://other.example/", false),
        ("https://shop.example.evil.example/", false), ("https://evil.example/shop.example", false),
        ("https://shop.example@evil.example/", false), ("http://shop.example/", false),
        ("https://shop.example:8443/", true), ("https://shop.example\\@evil.example/", false),
    ])
    func `a return_url must name a configured host`(url: String, isTaken: Bool) async throws {
        try await withService(TestSetup(returnHosts: ["shop.example"])) { service in
            let answer = try await service.client.pay(Sample.body(Sample.number, ["return_url": .string(url)]))
            #expect(answer.status == (isTaken ? 201 : 400))
            if !isTaken { #expect(pointers(answer) == ["/return_url"]) }
        }
    }

    @Test(arguments: [
        ("application/json", true), ("application/json; charset=utf-8", true), ("Application/JSON", true),
        ("application/json ;x=y", true), ("text/plain", false), ("application/x-www-form-urlencoded", false),
        ("application/jsonx", false), ("application/problem+json", false), ("", false), ("json", false),
        ("text/html, application/json", false),
    ])
    func `a body needs the content type application-json`(contentType: String, isTaken: Bool) async throws {
        try await withService { service in
            let answer = try await send(service, Sample.body().text, contentType: contentType)
            if isTaken {
                #expect(answer.status == 201)
            } else {
                expectProblem(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
            }
        }
    }

    @Test func `a body of 64 KiB is accepted, and one byte more is refused`() async throws {
        try await withService { service in
            let body = Sample.body().text
            let fits = body + String(repeating: " ", count: 65_536 - body.utf8.count)
            #expect(try await send(service, fits).status == 201)
            expectProblem(try await send(service, fits + " "), 413, "PAYLOAD_TOO_LARGE")
            expectProblem(
                try await service.client.send(.post, "/v1/payments/\(Sample.number)/repay", fits + " "), 413,
                "PAYLOAD_TOO_LARGE")
        }
    }

    @Test func `a body over the limit is refused before it has arrived completely`() async throws {
        try await withService { service in
            let head = [
                "POST /v1/payments HTTP/1.1", "Authorization: Bearer \(TestService.keys[0])",
                "Content-Type: application/json", "Idempotency-Key: k",
            ]
            // Only the length is announced; no byte is sent.
            let announced = try await RawConnection.send(
                port: service.port, head + ["Content-Length: 1000000000000"])
            expectProblem(announced, 413, "PAYLOAD_TOO_LARGE")
            let chunk = Array("2000\r\n".utf8) + Array(repeating: 0x20, count: 0x2000) + Array("\r\n".utf8)
            let chunks = Array(repeating: chunk, count: 9).flatMap { $0 }
            let chunked = try await RawConnection.send(
                port: service.port, head + ["Transfer-Encoding: chunked"], body: chunks)
            expectProblem(chunked, 413, "PAYLOAD_TOO_LARGE")
        }
    }

    @Test func `a chunked request body is read like any other`() async throws {
        try await withService { service in
            let body = Array(Sample.body().text.utf8)
            let chunks = Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
            let answer = try await RawConnection.send(
                port: service.port,
                [
                    "POST /v1/payments HTTP/1.1", "Authorization: Bearer \(TestService.keys[0])",
                    "Content-Type: application/json", "Idempotency-Key: k", "Transfer-Encoding: chunked",
                ], body: chunks)
            #expect(answer.status == 201)
        }
    }
}
