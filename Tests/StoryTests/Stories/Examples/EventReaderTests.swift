import Testing

@testable import mobile_client

/// The example app's reader of an event stream, with any split of the bytes.
@Suite struct EventReaderTests {
    static let stream =
        "retry: 2000\n\nid: a1\ndata: {\"subject\":\"茶 🍵\"}\n\n: still here\n\nid: b2\ndata:two\ndata: lines\n\n"
    static let items: [EventReader.Item] = [
        .retry(.seconds(2)), .event(id: "a1", data: #"{"subject":"茶 🍵"}"#), .comment,
        .event(id: "b2", data: "two\nlines"),
    ]

    @Test(arguments: [1, 2, 3, 7, 64, 4_096], ["\n", "\r\n", "\r"])
    func `an event stream is read the same in pieces of any size, with any line ends`(size: Int, end: String) throws {
        let bytes = Array(Self.stream.replacing("\n", with: end).utf8)
        var reader = EventReader()
        var items: [EventReader.Item] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            items += try reader.read(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(items == Self.items)
    }

    @Test(
        arguments: [
            ("data: x", []), ("data: x\n", []), ("\n\n\n", []), ("id: a\n\n", []), ("event: paid\n\n", []),
            ("nonsense\n\n", []),
            ("data\n\n", [.event(id: nil, data: "")]), ("data:  x\n\n", [.event(id: nil, data: " x")]),
            ("data: a:b\n\n", [.event(id: nil, data: "a:b")]), ("retry: soon\n\n", []),
            ("id: a\n\ndata: x\n\n", [.event(id: "a", data: "x")]),
            ("id: a\0b\ndata: x\n\n", [.event(id: nil, data: "x")]),
            ("id: a\ndata: x\n\nid\ndata: y\n\n", [.event(id: "a", data: "x"), .event(id: "", data: "y")]),
        ] as [(String, [EventReader.Item])])
    func `a line of an event stream is read as the standard says`(text: String, items: [EventReader.Item]) throws {
        var reader = EventReader()
        #expect(try reader.read(text.utf8) == items)
    }

    @Test func `an event without an end is dropped`() throws {
        var reader = EventReader()
        #expect(throws: EventReader.TooLong.self) {
            while true { _ = try reader.read("data: \(String(repeating: "x", count: 4_096))\n".utf8) }
        }
    }

    @Test func `a stream of comments alone is read without limit`() throws {
        var reader = EventReader()
        for _ in 0..<100_000 { #expect(try reader.read(": still here\n\n".utf8) == [.comment]) }
    }
}
