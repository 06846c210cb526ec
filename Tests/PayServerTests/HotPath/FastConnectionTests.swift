import NIOCore
import NIOHTTP1
import Testing

@testable import PayServer

/// What is done with each part of a request, in each state of a connection.
@Suite struct FastConnectionTests {
    enum Event: CaseIterable {
        case fastHead, slowHead, part, emptyPart, longPart, end, leftToRoutes, answered
    }

    /// A state, by the events that lead to it.
    static let states: [(name: String, way: [Event])] = [
        ("nothing", []), ("a head", [.fastHead]), ("a head and a part", [.fastHead, .part]),
        ("the routes' request", [.slowHead]), ("the routes' whole request", [.slowHead, .end]),
        ("two of theirs, the second coming", [.slowHead, .end, .fastHead]),
        ("left to the routes when it was whole", [.fastHead, .end, .leftToRoutes]),
        ("all answered", [.slowHead, .end, .answered]),
    ]

    /// What each event comes to, where it can happen: those that the decoder or the routes never send are left out.
    static let table: [String: [Event: String]] = [
        "nothing": [.fastHead: "hold", .slowHead: "pass"],
        "a head": [
            .part: "hold", .emptyPart: "hold", .longPart: "give up 0", .end: "try 0",
        ],
        "a head and a part": [
            .part: "hold", .emptyPart: "hold", .longPart: "give up 2", .end: "try 2",
        ],
        "the routes' request": [
            .part: "pass", .emptyPart: "pass", .longPart: "pass", .end: "pass", .answered: "",
        ],
        "the routes' whole request": [
            .fastHead: "pass", .slowHead: "pass", .answered: "",
        ],
        "two of theirs, the second coming": [
            .part: "pass", .emptyPart: "pass", .longPart: "pass", .end: "pass", .answered: "",
        ],
        "left to the routes when it was whole": [
            .fastHead: "pass", .slowHead: "pass", .answered: "",
        ],
        "all answered": [.fastHead: "hold", .slowHead: "pass"],
    ]

    /// Whether the connection waits for the routes' answer, and isn't idle therefore.
    static let answering: Set = ["the routes' whole request", "left to the routes when it was whole"]

    @Test func `every event in every state`() {
        for (name, way) in Self.states {
            for (event, expected) in Self.table[name] ?? [:] {
                var connection = Self.connection(way)
                #expect(Self.apply(event, to: &connection) == expected, "\(event) after \(name)")
            }
        }
        #expect(Set(Self.states.map(\.name)) == Set(Self.table.keys))
    }

    @Test func `only a connection that waits for the routes' answer is not idle`() {
        for (name, way) in Self.states {
            var connection = Self.connection(way)
            #expect(connection.isIdle(unsent: 0) != Self.answering.contains(name), "\(name)")
        }
    }

    @Test func `who reads slowly is waited for as long as they read, and who reads nothing is not`() {
        for way in [[], [Event.slowHead, .end]] {
            var connection = Self.connection(way)
            #expect(!connection.isIdle(unsent: 9_000))
            #expect(!connection.isIdle(unsent: 5_000))
            #expect(connection.isIdle(unsent: 5_000))
        }
    }

    @Test func `what was given up is the routes', with all that comes of it`() {
        var connection = Self.connection([.fastHead, .part, .longPart])
        #expect(Self.apply(.part, to: &connection) == "pass")
        #expect(Self.apply(.end, to: &connection) == "pass")
        #expect(connection.isAnswering)
        #expect(Self.apply(.fastHead, to: &connection) == "pass")
        #expect(Self.apply(.end, to: &connection) == "pass")
        _ = Self.apply(.answered, to: &connection)
        #expect(connection.isAnswering)
        _ = Self.apply(.answered, to: &connection)
        #expect(!connection.isAnswering)
        #expect(Self.apply(.fastHead, to: &connection) == "hold")
    }

    @Test func `a body of 512 bytes is held, in however many parts, and one of 513 is given up`() {
        for sizes in [[512], [256, 256], [1, 510, 1]] {
            var connection = Self.connection([.fastHead])
            for size in sizes {
                #expect(Self.text(of: connection.body(ByteBuffer(repeating: 0x20, count: size))) == "hold")
            }
            #expect(Self.text(of: connection.body(ByteBuffer(repeating: 0x20, count: 1))) == "give up 512")
        }
    }

    private static func connection(_ way: [Event]) -> FastConnection {
        var connection = FastConnection()
        for event in way { _ = apply(event, to: &connection) }
        return connection
    }

    private static let head = HTTPRequestHead(
        version: .http1_1, method: .GET, uri: "/v1/payments/order_1/page", headers: ["Authorization": "Bearer key"])

    private static func apply(_ event: Event, to connection: inout FastConnection) -> String {
        switch event {
        case .fastHead: return text(of: connection.head(head, FastRequest(head), at: .now))
        case .slowHead: return text(of: connection.head(head, nil, at: .now))
        case .part: return text(of: connection.body(ByteBuffer(string: "{}")))
        case .emptyPart: return text(of: connection.body(ByteBuffer()))
        case .longPart: return text(of: connection.body(ByteBuffer(repeating: 0x20, count: 513)))
        case .end: return text(of: connection.end())
        case .leftToRoutes: connection.leftToRoutes()
        case .answered: connection.answered()
        }
        return ""
    }

    /// An action in a word, with the size of the body that is held.
    private static func text(of action: FastConnection.Action) -> String {
        switch action {
        case .hold: "hold"
        case .pass: "pass"
        case .giveUp(let held): "give up \(size(of: held))"
        case .tryToAnswer(let held): "try \(size(of: held))"
        }
    }

    private static func size(of held: FastConnection.Held) -> Int { held.body?.readableBytes ?? 0 }
}
