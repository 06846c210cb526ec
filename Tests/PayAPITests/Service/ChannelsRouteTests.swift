import LedgerSQL
import PayCore
import PayFlow
import PayTestSupport
import SQLiteStore
import ServiceTestSupport
import Testing

/// `GET /v1/channels`, and the same below a checkout link.
@Suite(.timeLimit(.minutes(5))) struct ChannelsRouteTests {
    private static var twoTitles: TestSetup {
        var setup = TestSetup.twoChannels()
        setup.channelList = ChannelList([
            .init(Channel("sandbox2")!, .sandbox, title: .init(english: "Second <shop>", chinese: "第二")),
            .init(Channel("sandbox")!, .sandbox),
        ])
        return setup
    }

    private static func channel(_ name: String, _ english: String, _ chinese: String, accepting: Bool = true)
        -> JSONValue
    {
        [
            "channel": .string(name), "provider": "sandbox", "accepting": .bool(accepting),
            "title": ["en": .string(english), "zh": .string(chinese)], "terminals": ["pc", "h5", "app"],
        ]
    }

    @Test func `the merchant, users and links get the channels in the order of the list`() async throws {
        try await withService(Self.twoTitles) { service in
            let expected: JSONValue = [
                Self.channel("sandbox2", "Second <shop>", "第二"), Self.channel("sandbox", "Sandbox", "沙盒"),
            ]
            let link = "\(service.shopper().link)/channels"
            for (path, caller) in [
                ("/v1/channels", Client.Who.merchant), ("/v1/channels", .user("user_9")), (link, .nobody),
            ] {
                let answer = try await service.client.get(path, as: caller)
                expectJSON(answer, 200, keys: ["channels"])
                #expect(answer.json["channels"] == expected)
            }
        }
    }

    @Test func `a caller without valid credentials gets no list`() async throws {
        try await withService { service in
            expectProblem(try await service.client.get("/v1/channels", as: .nobody), 401, "UNAUTHORIZED")
            expectProblem(try await service.client.get("/checkout/c1.x/channels", as: .nobody), 404, "NOT_FOUND")
        }
    }

    @Test func `the terminal and the currency select channels, and invalid values are named`() async throws {
        try await withService { service in
            func names(_ query: String) async throws -> [String?] {
                try await service.client.get("/v1/channels?\(query)").json["channels"].items.map {
                    $0["channel"].string
                }
            }
            #expect(try await names("terminal=h5&currency=CNY") == ["sandbox"])
            #expect(try await names("terminal=jsapi") == [])
            let wrong = try await service.client.get("/v1/channels?terminal=tv&currency=cny&page=2")
            expectProblem(wrong, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(wrong) == ["/terminal", "/currency", "/page"])
            let twice = try await service.client.get("/v1/channels?terminal=pc&terminal=pc")
            expectProblem(twice, 400, "INVALID_REQUEST", fields: ["errors"])
        }
    }

    @Test func `a pause shows at once, and the channel stays in the list`() async throws {
        try await withService { service in
            func accepting() async throws -> JSONValue {
                try await service.client.get("/v1/channels").json["channels"].items.first?["accepting"] ?? .null
            }
            let sandbox = Channel("sandbox")!
            #expect(try await accepting() == .bool(true))
            _ = try await service.database.pause(sandbox, at: service.clock.now())
            #expect(try await accepting() == .bool(false))
            _ = try await service.database.resume(sandbox, at: service.clock.now())
            #expect(try await accepting() == .bool(true))
        }
    }
}
