import Foundation
import PayCore
import ServiceTestSupport
import Testing

@testable import PayCache

@Suite struct ReadyPageTests {
    /// The same response for the standard encoder.
    private struct Payment: Encodable {
        struct Page: Encodable {
            let channel: String
            let content: String
            let expires_at: String
            let expires_in: Int64
            let kind: String
            let terminal: String
        }

        let amount: Int64
        let checkout_url: String
        let currency: String
        let expires_at: String
        let expires_in: Int64
        let out_trade_no: String
        let page: Page
        let state: String
    }

    private static let texts =
        [
            "", "plain", "https://pay.example/a/b?c=d&e=<f>", #"a "quoted" word"#, #"back\slash\"#,
            "tab\tline\nend\r\n",
            "茶 für zwei", "👩‍👩‍👧 and 🇨🇳", "\u{2028}\u{2029}", "\u{7F}\u{80}\u{FEFF}", "e\u{301}", "\u{0}", "'</script>",
        ] + (0..<0x20).map { "a\(Character(Unicode.Scalar($0)!))b" }
        + escapesAtEachPlace

    /// The encoder checks eight bytes at a time, so every position is tested.
    private static let escapesAtEachPlace: [String] = (0..<20).flatMap { place in
        ["\"", "\\", "\n", "!", "\u{7F}", "é"].map { (text: String) -> String in
            let (before, between) = (String(repeating: "p", count: place), String(repeating: "é", count: place / 3))
            return "\(before)\(text)\(between)\(text)\(text)"
        }
    }

    @Test(arguments: texts)
    func `the response to a pay call is the JSON that an encoder writes`(text: String) throws {
        let now = Instant(milliseconds: 1_795_341_600_001)
        let page = ReadyPage.sample(OrderNumber("order_1")!, content: text, checkoutToken: text)
        let payment = Payment(
            amount: 9_900, checkout_url: "https://\(text)/checkout/\(text)", currency: "CNY",
            expires_at: "2026-11-22T10:30:00Z", expires_in: 1_799, out_trade_no: "order_1",
            page: Payment.Page(
                channel: "wechat", content: text, expires_at: "2026-11-22T10:05:00Z", expires_in: 299, kind: "qr",
                terminal: "h5"),
            state: "new")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = page.paymentJSON(for: .h5, publicURL: "https://\(text)", at: now)
        #expect(String(decoding: json, as: UTF8.self) == String(decoding: try encoder.encode(payment), as: UTF8.self))
    }

    @Test func `without a terminal, a page is returned for the terminal it was created for`() throws {
        let page = ReadyPage.sample(OrderNumber("order_1")!)
        let json = page.paymentJSON(for: nil, publicURL: "https://x", at: page.expiresAt)
        #expect(JSONValue(json)?["page"]["terminal"] == "pc")
        #expect(JSONValue(json)?["page"]["expires_in"] == 0)
    }
}
