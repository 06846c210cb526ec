import Testing

@testable import PayAPI

@Suite struct EventTextTests {
    @Test func `a server-sent event has its id, its data and an empty line`() {
        #expect(EventText.event(id: "3f-1", data: #"{"state":"paid"}"#) == "id: 3f-1\ndata: {\"state\":\"paid\"}\n\n")
    }

    @Test(arguments: ["one\ntwo", "one\rtwo", "one\r\ntwo"])
    func `a line break in event data does not end the event`(data: String) {
        #expect(EventText.event(id: "a", data: data) == "id: a\ndata: one\ndata: two\n\n")
    }

    @Test func `an event with empty data is still an event`() {
        #expect(EventText.event(id: "a", data: "") == "id: a\ndata: \n\n")
    }

    @Test func `the stream's heartbeat is a comment, and its retry time is in milliseconds`() {
        #expect(EventText.heartbeat == ": still here\n\n")
        #expect(EventText.retry == "retry: 2000\n\n")
    }

    @Test(arguments: [
        ("a", true), (String(repeating: "x", count: 64), true), ("", false), (String(repeating: "x", count: 65), false),
        ("two words", false), ("line\nbreak", false), ("nul\0", false), ("caf\u{e9}", false), ("!~", true),
    ])
    func `an event id is one word of visible ASCII`(text: String, isID: Bool) {
        #expect(EventText.isID(text) == isID)
    }
}
