import Testing

@testable import PayProviders

@Suite struct SandboxRequestTests {
    @Test(
        arguments: ["A book", "\"quoted\" \\ back", "中文 😀", "tab\tline\n\u{1}", "", "a/b"],
        [nil, "https://shop.example/?a=b"])
    func `a sandbox create has the bytes that an encoder writes`(subject: String, returnURL: String?) {
        for (kind, amount) in zip(SandboxWire.PageKind.allCases, [1, 9_900, Int64.max]) {
            let create = SandboxWire.Create(
                trade: SandboxWire.TradeParticulars(
                    channel: "sandbox", tradeNumber: "20261122_0001_1", amount: amount, currency: "CNY",
                    subject: subject, expiresAtMS: 1_795_341_600_000, notifyURL: "https://pay.example/notices",
                    returnURL: returnURL),
                page: kind)
            #expect(create.json == SandboxWire.encode(create))
        }
    }
}
