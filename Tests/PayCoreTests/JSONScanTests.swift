import PayCore
import Testing

@Suite struct JSONScanTests {
    private func scan(_ text: String) throws -> JSONScan { try #require(JSONScan(Array(text.utf8))) }

    @Test(arguments: ["0", "1", "-1", "-0", "9900", "99999999999999999999999999"])
    func `digits with or without a sign are a JSON integer, however large`(number: String) throws {
        #expect(try scan(#"{"amount":\#(number)}"#).nonIntegers.isEmpty)
        #expect(try scan(#"{"amount" : \#(number) , "more":"9.5"}"#).nonIntegers.isEmpty)
    }

    @Test(arguments: ["99.00", "99.0", "9.9e3", "1e2", "1E2", "1e+2", "100e-1", "0.0", "0e0", "-1.0", "1e400"])
    func `a fraction or an exponent is not a JSON integer, whatever its value`(number: String) throws {
        for text in [
            #"{"amount":\#(number)}"#, #"{"a":1,"amount":\#(number),"b":[2]}"#, #"{ "amount" :\n\#(number) }"#,
        ] {
            #expect(try scan(text.replacing(#"\n"#, with: "\n")).nonIntegers == [["amount"]], "\(text)")
        }
    }

    @Test func `a JSON number is located by its names and indices`() throws {
        let found = try scan(#"[{"a":{"b":1.5,"c":2},"d":[1,2.5,{"e":3.5}]},1.0]"#).nonIntegers
        #expect(found == [["0", "a", "b"], ["0", "d", "1"], ["0", "d", "2", "e"], ["1"]])
    }

    @Test(arguments: [
        #"{"amount":1,"amount":2}"#, #"{"amount":1.5,"x":1,"amount":2}"#, #"{"am\u006funt":1,"amount":2}"#,
        #"{"amount":{"amount":1},"amount":2}"#, #"{"amount":[],"amount":[]}"#,
    ])
    func `a repeated name in a JSON object is found, however it is spelled`(text: String) throws {
        #expect(try scan(text).repeatedNames == [["amount"]])
    }

    @Test(arguments: [
        #"{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}"#, #"{"a":"a","b":"a"}"#, #"{"a\\":1,"a":2}"#,
        #"{"\"a":1,"a":2}"#,
        #"{"a":"\"a\":1,\"a\":2"}"#, #"{"x\ud83d\ude00":1,"x\ud83d\ude01":1}"#,
    ])
    func `equal names in different JSON objects and inside strings are not repeated names`(text: String) throws {
        let scan = try scan(text)
        #expect(scan.repeatedNames.isEmpty && scan.nonIntegers.isEmpty)
    }

    @Test(arguments: ["{\"a\":1,}", "[1,]", "[1, ]", "{\"a\":[1,]}", "]", "}", "{\"a\":1}\u{0}", "{\"a\":NaN}", "é"])
    func `JSON that only a lenient decoder accepts is refused`(text: String) {
        #expect(JSONScan(Array(text.utf8)) == nil)
    }

    @Test func `JSON in UTF-16 and UTF-32 is refused, but not a UTF-8 byte order mark`() throws {
        let text = #"{"amount":99.00}"#
        let wide = text.unicodeScalars.map { UInt8($0.value) }
        let little: [UInt8] = wide.flatMap { [$0, 0] }
        let big: [UInt8] = wide.flatMap { [0, $0] }
        let wider: [UInt8] = wide.flatMap { [$0, 0, 0, 0] }
        for bytes in [little, big, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, wider] {
            #expect(JSONScan(bytes) == nil)
        }
        #expect(try scan("\u{FEFF}" + text).nonIntegers == [["amount"]])
    }

    @Test func `the JSON scan limits depth and findings`() throws {
        #expect(JSONScan(Array(repeating: UInt8(ascii: "["), count: 17)) == nil)
        #expect(JSONScan(Array(repeating: UInt8(ascii: "["), count: 16)) != nil)
        let many = "[" + Array(repeating: "1.5", count: 10_000).joined(separator: ",") + "]"
        #expect(try scan(many).nonIntegers.count == JSONScan.mostFindings)
    }

    @Test func `the JSON scan handles a text that ends at any byte`() {
        let text = Array(#"{"a\u0041":[1.5,{"b":"c\"d"}],"e":-1e9,"f":null}"#.utf8)
        for end in text.indices { _ = JSONScan(Array(text[..<end])) }
        for place in text.indices {
            for byte in [UInt8(0), 0x22, 0x5C, 0x7B, 0x5D, 0xFF] {
                var changed = text
                changed[place] = byte
                _ = JSONScan(changed)
            }
        }
    }
}
