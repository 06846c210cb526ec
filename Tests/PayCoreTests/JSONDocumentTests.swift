import PayCore
import Testing

@Suite struct JSONDocumentTests {
    private func read(_ text: String) throws -> JSONDocument { try #require(JSONDocument(Array(text.utf8))) }

    private func members(_ text: String) throws -> [JSONMember] {
        guard case .object(let members) = try read(text).root else { throw NoObject() }
        return members
    }

    private struct NoObject: Error {}

    private func root(_ text: String) -> JSONNode? { JSONDocument(Array(text.utf8))?.root }

    @Test func `a JSON text becomes its values, in the order of the text`() throws {
        let text = #" { "b" : [ true , false , null , -1 , 2.5 ] , "a" : { } , "" : [ ] } "#
        #expect(
            try read(text).root
                == .object([
                    JSONMember(name: "b", value: .list([.flag(true), .flag(false), .null, .integer(-1), .nonInteger])),
                    JSONMember(name: "a", value: .object([])), JSONMember(name: "", value: .list([])),
                ]))
        for (text, value) in [("7", JSONNode.integer(7)), ("null", .null), (#""x""#, .text("x"))] {
            #expect(root(text) == value)
        }
    }

    @Test func `a JSON member that is null counts as missing`() throws {
        let members = try members(#"{"a":null,"b":1}"#)
        #expect(members["a"] == nil && members["b"] == .integer(1) && members["c"] == nil)
    }

    @Test(arguments: [
        ("0", 0), ("1", 1), ("-1", -1), ("-0", 0), ("9900", 9900), ("9223372036854775807", Int64.max),
        ("-9223372036854775808", .min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
        ("99999999999999999999999999", nil),
    ])
    func `digits with or without a sign are a JSON integer, however large`(digits: String, number: Int64?) throws {
        let text = #"{"amount" : \#(digits) , "more":"9.5"}"#
        #expect(try members(text)["amount"] == .integer(number))
        #expect(try !read(text).hasNonIntegers)
    }

    @Test(arguments: ["99.00", "99.0", "9.9e3", "1e2", "1E2", "1e+2", "100e-1", "0.0", "0e0", "-1.0", "1e400"])
    func `a fraction or an exponent is not a JSON integer, whatever its value`(number: String) throws {
        #expect(root(number) == .nonInteger)
        #expect(try read(#"[{"a":[1,{"b":\#(number)}]}]"#).hasNonIntegers)
    }

    @Test(arguments: [
        #"{"amount":1,"amount":2}"#, #"{"amount":1.5,"x":1,"amount":2}"#, #"{"am\u006funt":1,"amount":2}"#,
        #"{"amount":{"amount":1},"amount":2}"#, #"{"amount":[],"amount":[]}"#,
    ])
    func `a repeated name in a JSON object is found, however it is spelled`(text: String) throws {
        #expect(try read(text).repeatedNames == [["amount"]])
    }

    @Test func `a repeated name is located by its names and indices, also behind many others`() throws {
        #expect(try read(#"[{"a":{"b":1}},{"a":[{"b":1,"c":2,"b":3}]}]"#).repeatedNames == [["1", "a", "0", "b"]])
        let names = (0..<40).map { #""n\#($0)":0"# }.joined(separator: ",")
        #expect(try read(#"{\#(names)}"#).repeatedNames.isEmpty)
        #expect(try read(#"{\#(names),"n3":1,"n39":1}"#).repeatedNames == [["n3"], ["n39"]])
    }

    @Test(arguments: [
        #"{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}"#, #"{"a":"a","b":"a"}"#, #"{"a\\":1,"a":2}"#,
        #"{"\"a":1,"a":2}"#,
        #"{"a":"\"a\":1,\"a\":2"}"#, #"{"x\ud83d\ude00":1,"x\ud83d\ude01":1}"#,
    ])
    func `equal names in different JSON objects and inside strings are not repeated names`(text: String) throws {
        let document = try read(text)
        #expect(document.repeatedNames.isEmpty && !document.hasNonIntegers)
    }

    @Test(arguments: [
        (#""a\"b\\c\/d\n\r\t\b\f""#, "a\"b\\c/d\n\r\t\u{8}\u{c}"), (#""\u0041\u00e9\u4e2d\u0000""#, "A\u{e9}中\0"),
        (#""x\ud83d\uDE00y""#, "x😀y"), (#""""#, ""), ("\"中文 😀\"", "中文 😀"),
    ])
    func `a JSON string has the text of its escapes`(json: String, text: String) {
        #expect(root(json) == .text(text))
    }

    @Test(arguments: [
        #""\ud83d""#, #""\ude00""#, #""\ud83dx""#, #""\ud83d\u0041""#, #""\u00g0""#, #""\u004""#, #""\x""#, #""\""#,
        #"""#,
        "\"\n\"", "\"\u{1f}\"", "'a'",
    ])
    func `a JSON string with a broken escape or a control character is refused`(json: String) {
        #expect(root(json) == nil)
    }

    @Test(arguments: [
        "{\"a\":1,}", "[1,]", "[1, ]", "{\"a\":[1,]}", "]", "}", "{\"a\":1}\u{0}", "{\"a\":NaN}", "é", "", " ", "[1 2]",
        "[,1]", "{\"a\" 1}", "{\"a\":}", "{a:1}", "{1:1}", "[1", "{\"a\":1", "[1}", "1 2", "[]]", "tru", "True",
        "nullx",
        "01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1.e2", "--1", "\u{a0}1", "[1]//",
    ])
    func `a text outside of the JSON grammar is refused`(text: String) {
        #expect(root(text) == nil)
    }

    @Test func `JSON in UTF-16 and UTF-32 is refused, but not a UTF-8 byte order mark`() throws {
        let text = #"{"amount":99.00}"#
        let wide = text.unicodeScalars.map { UInt8($0.value) }
        let little: [UInt8] = wide.flatMap { [$0, 0] }
        let big: [UInt8] = wide.flatMap { [0, $0] }
        let wider: [UInt8] = wide.flatMap { [$0, 0, 0, 0] }
        for bytes in [little, big, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, wider] {
            #expect(JSONDocument(bytes) == nil)
        }
        #expect(try read("\u{FEFF}" + text).hasNonIntegers)
        #expect(JSONDocument([0x22, 0xFF, 0x22]) == nil)
        #expect(JSONDocument([0x22, 0x5C, 0x6E, 0xC3, 0x22]) == nil)
    }

    @Test func `a JSON text has limits of its depth and of its findings`() throws {
        let deepest = String(repeating: "[", count: 16) + String(repeating: "]", count: 16)
        #expect(root(deepest) != nil)
        #expect(root("[" + deepest + "]") == nil)
        #expect(JSONDocument(Array(repeating: UInt8(ascii: "["), count: 65_536)) == nil)
        let many = "{" + (0..<1_000).map { #""n\#($0)":0,"n\#($0)":0"# }.joined(separator: ",") + "}"
        #expect(try read(many).repeatedNames.count == JSONDocument.mostFindings)
    }

    @Test func `the JSON reader handles a text that ends or breaks at any byte`() {
        let text = Array(#"{"a\u0041":[1.5,{"b":"c\"d"}],"e":-1e9,"f":null}"#.utf8)
        for end in text.indices { #expect(JSONDocument(Array(text[..<end])) == nil) }
        for place in text.indices {
            for byte in [UInt8(0), 0x22, 0x5C, 0x7B, 0x5D, 0xFF] {
                var changed = text
                changed[place] = byte
                _ = JSONDocument(changed)
            }
        }
    }
}
