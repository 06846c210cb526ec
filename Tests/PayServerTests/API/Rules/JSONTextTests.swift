import Foundation
import Testing

@testable import PayServer

struct JSONTextTests {
    @Test(arguments: [
        ("\"\"", ""), ("\"tea\"", "tea"), ("\"茶 💥\"", "茶 💥"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{08}\u{0C}\n\r\t"),
        (#""\u0054ea""#, "Tea"), (#""\u8336""#, "茶"), (#""\ud83d\udca5!""#, "💥!"), (#""a\u0000b""#, "a\u{0}b"),
        (#" "\u00E9" "#, "é"), ("\u{FEFF}\"bom\"", "bom"),
    ])
    func `a text is read as it was meant`(json: String, expected: String) {
        guard case .text(let text)? = JSONText.value(of: Array(json.utf8)) else {
            Issue.record("\(json) is no text")
            return
        }
        #expect(Array(text.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test(arguments: ["0", "-0", "9900", "9900.0", "99e2", "9.9E+3", "1e-400", "-12.5e0", "99999999999999999999"])
    func `a number is kept as it is written`(json: String) {
        guard case .number(let text)? = JSONText.value(of: Array(" \(json)\n".utf8)) else {
            Issue.record("\(json) is no number")
            return
        }
        #expect(text == json)
    }

    @Test(arguments: [
        "", " ", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "tru", "True", "nulll", "'a'", "\"", "\"a",
        "\"\u{1}\"", "\"\n\"", #""\x""#, #""\u12""#, #""\u12G4""#, #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#,
        #""\ud800x""#, "[1,]", "[,1]", "[1 2]", "[", "]", "[1]]", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{\"a\":}", "{a:1}",
        "{\"a\":1", "{\"a\":1}}", "{\"a\":1}x", "\u{FEFF}", "1,", "/**/1", "[1//\n]",
    ])
    func `what RFC 8259 forbids is no JSON`(json: String) {
        #expect(JSONText.value(of: Array(json.utf8)) == nil)
    }

    @Test func `of a name that comes twice the first counts, and depth has an end`() {
        guard case .object(let members)? = JSONText.value(of: Array(#"{"a":1,"a":"2","b":{"c":[{}]}}"#.utf8)) else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.name) == ["a", "a", "b"])
        var reader = FieldReader(members)
        #expect(reader.integer("a", in: 1...9) == 1)
        let deep = { (depth: Int) in
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSONText.value(of: deep(64)) != nil)
        #expect(JSONText.value(of: deep(65)) == nil)
    }

    /// Foundation's decoder takes more than the RFC, but nothing that it refuses is taken here, and no text is another.
    @Test func `chance finds nothing that Foundation's decoder reads otherwise`() {
        var random = SystemRandomNumberGenerator()
        let text = #"{"out_trade_no":"o_1","a\u0062":[1,-2.5e3,true,null,{}],"ü":"💥\n","x":{"y":"\ud83d\udca5"}}"#
        let sound = Array(text.utf8)
        for _ in 0..<20_000 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            guard case .object(let members)? = JSONText.value(of: bytes) else { continue }
            let known = try? JSONDecoder().decode([String: Anything].self, from: Data(bytes))
            #expect(known != nil, "\(String(decoding: bytes, as: UTF8.self))")
            for case (let name, .text(let text)) in members.map({ ($0.name, $0.value) }) {
                let all = members.filter { $0.name == name }
                if all.count == 1 { #expect(known?[name]?.text == text) }
            }
        }
    }

    /// A value of which only a text is of interest.
    private struct Anything: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }
}
