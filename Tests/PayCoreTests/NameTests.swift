import PayCore
import Testing

@Suite struct `Names and numbers` {
    @Test(arguments: [
        ("abc", false), ("abcd", true), ("20261122_0001", true), ("AZaz09_", true),
        (String(repeating: "a", count: 28), true), (String(repeating: "a", count: 29), false), ("", false),
        ("ab-cd", false), ("ab cd", false), ("abcd\n", false), ("订单订单", false), ("äbcd", false),
        ("abc\u{0}", false), ("abc\u{301}d", false), ("ａｂｃｄ", false),
    ]) func `an order number is 4 to 28 of 0-9 A-Z a-z and underscore`(text: String, isOne: Bool) {
        #expect(OrderNumber(text)?.text == (isOne ? text : nil))
    }

    @Test(arguments: [
        ("abcd_1", "abcd", 1), ("abcd_20", "abcd", 20), ("abcd__7", "abcd_", 7), ("abcd_1_2", "abcd_1", 2),
        ("________3", "_______", 3),
    ]) func `a trade number is the order number followed by the attempt's ordinal`(
        text: String, order: String, sequence: Int
    ) throws {
        let trade = try #require(TradeNumber(text))
        let number = try #require(OrderNumber(order))
        #expect(trade == TradeNumber(order: number, sequence: sequence))
        #expect(trade.text == text)
    }

    @Test(arguments: [
        "abcd", "abcd_", "abcd_0", "abcd_-1", "abcd_+1", "abcd_01", "abcd_1 ", "abcd_x", "abc_1", "_1", "",
        "abcd_99999999999999999999", "abcd_１",
    ]) func `a text in another form is no trade number of ours`(text: String) {
        #expect(TradeNumber(text) == nil)
    }

    @Test(arguments: [
        ("7", true), ("用户 7", true), (String(repeating: "a", count: 128), true),
        (String(repeating: "a", count: 129), false), (String(repeating: "👨‍👩‍👧", count: 100), true),
        ("", false),
        ("a\u{0}", false), ("a\u{1F}", false), ("a\u{7F}", false), ("a\u{85}", false), ("a\u{2028}b", false),
        ("a\u{202E}b", false), ("a\u{2066}b", false), ("a" + String(repeating: "\u{301}", count: 600), false),
    ]) func `a user ID is 1 to 128 printable characters`(text: String, isOne: Bool) {
        #expect((UserID(text) != nil) == isOne)
    }

    @Test(arguments: [
        ("x", true), (String(repeating: "杯", count: 127), true), (String(repeating: "x", count: 128), false),
        ("", false),
        ("two\ncups", false), ("two\tcups", false), ("☕️ = 99 / & <b>", true),
    ]) func `a subject is 1 to 127 printable characters`(text: String, isOne: Bool) {
        #expect((Subject(text) != nil) == isOne)
    }

    @Test func `two spellings of one letter are two users, as in the database`() throws {
        // Given
        let composed = "Zo\u{EB}"
        let decomposed = "Zoe\u{308}"
        #expect(composed == decomposed)

        // Then
        let users = [try #require(UserID(composed)), try #require(UserID(decomposed))]
        #expect(users[0] != users[1])
        #expect(Set(users).count == 2)
        #expect(UserID(composed) == UserID(composed))
        let subjects = [try #require(Subject(composed)), try #require(Subject(decomposed))]
        #expect(subjects[0] != subjects[1])
        #expect(Set(subjects).count == 2)
    }

    @Test(arguments: [
        ("alipay", true), ("sandbox2", true), ("we_chat", true), ("a", true),
        (String(repeating: "a", count: 32), true),
        (String(repeating: "a", count: 33), false), ("", false), ("2box", false), ("_box", false), ("Alipay", false),
        ("ali pay", false), ("ali-pay", false), ("ali/pay", false),
    ]) func `a channel name is 1 to 32 of a-z 0-9 and underscore`(text: String, isOne: Bool) {
        #expect(Channel(text)?.name == (isOne ? text : nil))
    }

    @Test(arguments: [
        ("k", "k"), ("\"k\"", "k"), ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("\"", "\""), ("a\"b", "a\"b"), ("\"k", "\"k"), ("!~", "!~"),
        (String(repeating: "k", count: 255), String(repeating: "k", count: 255)),
        ("\"" + String(repeating: "k", count: 255) + "\"", String(repeating: "k", count: 255)),
    ]) func `an idempotency key is the same quoted and bare`(text: String, key: String) {
        #expect(IdempotencyKey(text)?.text == key)
    }

    @Test(arguments: ["", "\"\"", "a b", "a\tb", "schlüssel", "a\u{7F}", "a\n", String(repeating: "k", count: 256)])
    func `an idempotency key has 1 to 255 visible ASCII characters`(text: String) {
        #expect(IdempotencyKey(text) == nil)
    }

    @Test(arguments: [
        ("", false), ("t", true), (String(repeating: "t", count: 255), true),
        (String(repeating: "t", count: 256), false),
    ])
    func `a transaction ID has 1 to 255 bytes`(text: String, isOne: Bool) {
        #expect((TransactionID(text) != nil) == isOne)
    }

    @Test func `a secret does not print its text`() {
        let secret = Secret("do not tell")
        let shown = "\(secret) \(String(reflecting: secret)) \(Mirror(reflecting: secret).children.count)"
        #expect(shown == "<secret> <secret> 0")
        #expect(secret.reveal() == "do not tell")
    }
}
