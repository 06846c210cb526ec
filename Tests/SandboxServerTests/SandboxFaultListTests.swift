import PayCore
import PayProviders
import Testing

@testable import SandboxServer

@Suite struct SandboxFaultListTests {
    @Test func `a sandbox fault is injected exactly as often as stated`() throws {
        var faults = try read(#"[{"operation":"create","fault":"error","times":2}]"#)
        #expect(faults.take(for: .create, on: "sandbox") == .error)
        #expect(faults.lines.map(\.times) == [1])
        #expect(faults.take(for: .create, on: "sandbox") == .error)
        #expect(faults.take(for: .create, on: "sandbox") == nil)
        #expect(faults.left.isEmpty)
    }

    @Test func `a sandbox fault without times is injected once`() throws {
        var faults = try read(#"[{"operation":"create","fault":"error"}]"#)
        #expect(faults.take(for: .create, on: "sandbox") == .error)
        #expect(faults.take(for: .create, on: "sandbox") == nil)
    }

    @Test func `a sandbox fault applies to its operation and channel only`() throws {
        let list = #"[{"operation":"close","fault":"lost","times":1,"channel":"sandbox2"}]"#
        var faults = try read(list)
        for operation in SandboxWire.Operation.allCases where operation != .close {
            #expect(faults.take(for: operation, on: "sandbox2") == nil)
        }
        #expect(faults.take(for: .close, on: "sandbox") == nil)
        #expect(faults.takeForNotice(on: "sandbox2") == nil)
        #expect(faults.take(for: .close, on: "sandbox2") == .lost)
    }

    @Test func `of several matching sandbox faults, the first is injected first`() throws {
        var faults = try read(
            #"[{"operation":"query","fault":"error"},{"operation":"create","fault":"lost"},"#
                + #"{"operation":"create","fault":"refused"}]"#)
        #expect(faults.take(for: .create, on: "sandbox") == .lost)
        #expect(faults.take(for: .create, on: "sandbox") == .refused)
        #expect(faults.lines.map(\.fault) == ["error"])
    }

    @Test(arguments: ["", #""operation":"notify","#, #""operation":"create","#])
    func `a fault of a sandbox notice needs no operation`(_ operation: String) throws {
        var faults = try read(#"[{\#(operation)"fault":"notify_late","times":1,"ms":250}]"#)
        #expect(faults.takeForNotice(on: "sandbox") == .late(.milliseconds(250)))
        #expect(faults.takeForNotice(on: "sandbox") == nil)
    }

    @Test func `a list of sandbox faults survives encoding and decoding`() throws {
        let operations = ["create", "query", "close", "refund", "refund_query"]
        let calls = ["timeout", "lost", "error", "refused", "garbage"].flatMap { fault in
            operations.map { #"{"operation":"\#($0)","fault":"\#(fault)","times":3}"# }
        }
        let others = [
            #"{"operation":"create","fault":"slow","ms":5,"times":1,"channel":"sandbox2"}"#,
            #"{"operation":"close","fault":"close_too_early"}"#, #"{"operation":"close","fault":"no_such_trade"}"#,
            #"{"operation":"query","fault":"no_such_trade"}"#, #"{"fault":"notify_twice"}"#,
            #"{"fault":"notify_late","ms":600000}"#, #"{"fault":"notify_never","times":2}"#,
        ]
        let faults = try read("[" + (calls + others).joined(separator: ",") + "]")
        #expect(faults.left.count == calls.count + others.count)
        #expect(try SandboxFaults.read(SandboxWire.encode(faults.lines)) == faults)
    }

    @Test(arguments: [
        ("", "a JSON list"), ("{}", "a JSON list"), (#"[{"operation":"create"}]"#, "a JSON list"),
        (#"[{"fault":"explode"}]"#, "one of timeout, lost"),
        (#"[{"fault":"timeout"}]"#, "operation: missing; timeout expects one of create, query"),
        (#"[{"operation":"open","fault":"timeout"}]"#, #"operation: invalid value "open""#),
        (#"[{"operation":"notify","fault":"timeout"}]"#, #"operation: invalid value "notify""#),
        (#"[{"operation":"create","fault":"close_too_early"}]"#, "one of close"),
        (#"[{"operation":"create","fault":"no_such_trade"}]"#, "one of query, close"),
        (#"[{"operation":"create","fault":"slow"}]"#, "ms: missing; slow expects 1 to 600000"),
        (#"[{"operation":"create","fault":"slow","ms":0}]"#, "ms: invalid value 0"),
        (#"[{"operation":"create","fault":"slow","ms":600001}]"#, "ms: invalid value 600001; slow expects 1 to 600000"),
        (#"[{"fault":"notify_late"}]"#, "ms: missing"),
        (#"[{"operation":"create","fault":"error","times":0}]"#, "times: invalid value 0; expected 1 to 1000000"),
        (#"[{"operation":"create","fault":"error","times":-1}]"#, "times: invalid value -1"),
        (#"[{"operation":"create","fault":"error","channel":"No!"}]"#, #"channel: invalid value "No!""#),
        (#"[{"operation":"create","fault":"error"},{"fault":"x"}]"#, "fault 1: "),
    ])
    func `an invalid list of sandbox faults is refused with its reason`(_ list: String, _ words: String) {
        let mistake = #expect(throws: SandboxFaultMistake.self) { try SandboxFaults.read(Array(list.utf8)) }
        #expect(mistake?.message.contains(words) == true, "\(mistake?.message ?? "")")
    }

    @Test func `a list of too many sandbox faults is refused`() {
        let line = #"{"operation":"create","fault":"error"}"#
        let list = "[" + Array(repeating: line, count: 101).joined(separator: ",") + "]"
        #expect(throws: SandboxFaultMistake.self) { try SandboxFaults.read(Array(list.utf8)) }
    }

    private func read(_ list: String) throws -> SandboxFaults {
        try SandboxFaults.read(Array(list.utf8))
    }
}
