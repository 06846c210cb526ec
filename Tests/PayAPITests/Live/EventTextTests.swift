import Testing

@testable import PayAPI

@Suite struct EventTextTests {
    @Test func `an event is its id, its data and an empty line`() {
        #expect(EventText.event(id: "3f-1", data: #"{"state":"paid"}"#) == "id: 3f-1\ndata: {\"state\":\"paid\"}\n\n")
    }

    @Test(arguments: ["one\ntwo", "one\rtwo", "one\r\ntwo"])
    func `a line break in the data ends no field`(data: String) {
        #expect(EventText.event(id: "a", data: data) == "id: a\ndata: one\ndata: two\n\n")
    }

    @Test func `empty data is still an event`() {
        #expect(EventText.event(id: "a", data: "") == "id: a\ndata: \n\n")
    }

    @Test func `the heartbeat is a comment, and the wait is told in milliseconds`() {
        #expect(EventText.heartbeat == ": still here\n\n")
        #expect(EventText.retry == "retry: 2000\n\n")
    }

    @Test(arguments: [
        ("a", true), (String(repeating: "x", count: 64), true), ("", false), (String(repeating: "x", count: 65), false),
        ("two words", false), ("line\nbreak", false), ("nul\0", false), ("caf\u{e9}", false), ("!~", true),
    ])
    func `an id is one visible word`(text: String, isID: Bool) {
        #expect(EventText.isID(text) == isID)
    }
}
