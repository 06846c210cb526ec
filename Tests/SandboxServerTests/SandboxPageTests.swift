import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import Testing

@testable import SandboxServer

@Suite(.timeLimit(.minutes(1))) struct SandboxPageTests {
    private static let browser = [Header(name: "Accept", value: "text/html,application/xhtml+xml,*/*;q=0.8")]

    @Test func `the sandbox's page is a complete document without scripts or external resources`() async throws {
        try await withSandbox { world in
            let page = try await world.made(Sample.create())
            #expect(page.kind == .html)
            #expect(page.content.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">"))
            for part in [
                #"<meta charset="utf-8">"#, #"<meta name="viewport""#, "<title>Pay: Tea for two</title>", "99.00 CNY",
                "<h1>", "<main>", "</html>",
            ] {
                #expect(page.content.contains(part), "\(part)")
            }
            for part in ["<script", "<link", "<img", "@import", "url(", " src=", "onclick"] {
                #expect(!page.content.contains(part), "\(part)")
            }
        }
    }

    @Test func `the sandbox page's buttons post to absolute URLs of the requested host`() async throws {
        try await withSandbox { world in
            let content = try await world.made(Sample.create()).content
            let trade = "\(world.base)/trades/20261122_0001_1"
            #expect(content.contains(#"<form method="post" action="\#(trade)/pay">"#))
            #expect(content.contains(#"<form method="post" action="\#(trade)/cancel">"#))
            #expect(content.components(of: "<button").count == 2)
        }
    }

    @Test func `a public base URL replaces the host in sandbox pages`() async throws {
        try await withSandbox(publicBase: "https://pay.example.com/sandbox") { world in
            let content = try await world.made(Sample.create()).content
            #expect(content.contains(#"action="https://pay.example.com/sandbox/trades/20261122_0001_1/pay""#))
            #expect(!content.contains("127.0.0.1"))
        }
    }

    @Test(arguments: [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\"><img src=x>", "&quot;&gt;&lt;img src=x&gt;"),
        ("</title><svg onload='x'>", "&lt;/title&gt;&lt;svg onload=&#39;x&#39;&gt;"),
        ("Tom & Jerry", "Tom &amp; Jerry"), ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("\u{600}<script>", "\u{600}&lt;script&gt;"), ("\"\u{301}><\u{338}svg", "&quot;\u{301}&gt;&lt;\u{338}svg"),
    ])
    func `a hostile subject is escaped everywhere in a sandbox page`(_ subject: String, _ escaped: String) async throws
    {
        try await withSandbox { world in
            let made = try await world.made(Sample.create(Sample.number, Sample.stored(subject: subject)))
            let shown = try await world.send(.get, "/trades/\(Sample.number)/page").text
            for document in [made.content, shown] {
                #expect(!document.contains(subject))
                #expect(document.components(of: escaped).count == 2)
                // A browser reads scalars, so the comparison is by bytes.
                for tag in ["<script", "<img", "<svg", "<\u{338}"] {
                    #expect(Array(document.utf8).firstRange(of: tag.utf8) == nil)
                }
            }
        }
    }

    @Test func `a hostile host is escaped in a sandbox page`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            let host = Header(name: "Host", value: #"x"><script>alert(1)</script>"#)
            let reply = try await world.send(.get, "/trades/\(Sample.number)/page", headers: [host])
            #expect(!reply.text.contains("<script"))
        }
    }

    @Test(arguments: [
        ([], "", BuyerLanguage.english), (["de-CH, en;q=0.5"], "", .german), (["zh-HK"], "", .traditionalChinese),
        (["ja"], "?lang=ar", .arabic), (["fr"], "?lang=tlh", .french), ([], "?lang=zh-TW", .traditionalChinese),
    ])
    func `the sandbox's pages are in the chosen language, or else in the browser's`(
        accepted: [String], query: String, language: BuyerLanguage
    ) async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            let headers = Self.browser + accepted.map { Header(name: "Accept-Language", value: $0) }
            let page = try await world.send(.get, "/trades/\(Sample.number)/page\(query)", headers: headers).text
            let left = try await world.send(.post, "/trades/\(Sample.number)/cancel\(query)", headers: headers).text
            for text in [page, left] {
                #expect(text.contains(#"<html lang="\#(language.rawValue)" dir="\#(language.direction)">"#))
                #expect(text.contains(language.sandboxTexts.test))
            }
            #expect(left.contains("<h1>\(language.sandboxTexts.gaveUp.heading)</h1>"))
            // A chosen language is kept. The browser's needs no help.
            let isChosen = BuyerLanguage(tag: query.dropFirst("?lang=".count)) != nil
            #expect(page.contains(#"/pay?lang=\#(language.rawValue)""#) == isChosen)
            #expect(page.contains(#"/pay""#) == !isChosen)
        }
    }

    @Test(arguments: BuyerLanguage.allCases) func `each language has every text of the sandbox's page`(
        language: BuyerLanguage
    ) {
        let texts = Self.texts(language.sandboxTexts)
        #expect(texts.count == 17)
        let english = Self.texts(BuyerLanguage.english.sandboxTexts)
        for (name, text) in texts {
            #expect(!text.isEmpty)
            #expect(text.ranges(of: "{}").count == (["title", "pay"].contains(name) ? 1 : 0), "\(name)")
            #expect(language == .english || text != english[name] || !text.contains(" "), "\(name)")
        }
    }

    private static func texts(_ texts: SandboxTexts) -> [String: String] {
        let all = Mirror(reflecting: texts).children.flatMap { child -> [(String, String)] in
            let name = child.label ?? ""
            if let text = child.value as? String { return [(name, text)] }
            guard let news = child.value as? SandboxNewsTexts else { return [] }
            return [("\(name).heading", news.heading), ("\(name).sentence", news.sentence)]
        }
        return Dictionary(uniqueKeysWithValues: all)
    }

    @Test func `the sandbox's page links to itself in each language`() async throws {
        try await withSandbox { world in
            let content = try await world.made(Sample.create()).content
            for language in BuyerLanguage.allCases {
                let link = "\(world.base)/trades/\(Sample.number)/page?lang=\(language.rawValue)"
                #expect(content.contains(#"<a href="\#(link)" lang="\#(language.rawValue)""#))
                #expect(content.contains(">\(language.ownName)</a>"))
            }
        }
    }

    @Test(arguments: [
        (BuyerLanguage.german, "1234,56 USD"), (.french, "1234,56 USD"), (.arabic, "1234.56 USD"),
        (.japanese, "1234.56 USD"),
    ])
    func `a sandbox page has the decimal separator of its language`(language: BuyerLanguage, shown: String) {
        #expect(Sample.particulars(amount: 123_456, currency: "USD").shownAmount(in: language) == shown)
    }

    @Test(arguments: [
        (1, "CNY", "0.01 CNY"), (99, "CNY", "0.99 CNY"), (100, "CNY", "1.00 CNY"), (123_456, "USD", "1234.56 USD"),
        (500, "JPY", "500 JPY"), (1, "KWD", "0.001 KWD"), (12_345, "KWD", "12.345 KWD"),
    ])
    func `a sandbox page shows an amount with its currency's decimals`(
        _ amount: Int64, _ currency: String, _ shown: String
    ) {
        #expect(Sample.particulars(amount: amount, currency: currency).shownAmount(in: .english) == shown)
    }

    @Test func `a sandbox QR code contains the page's URL, and the page can pay`() async throws {
        try await withSandbox { world in
            let request = Sample.create()
            guard case .made(let page) = await world.provider(pcKind: .qr).create(request) else {
                return #expect(Bool(false), "no page")
            }
            #expect(page.kind == .qr)
            let shown = try await world.transport.send(ProviderRequest(method: .get, url: page.content))
            #expect(shown.status == 200)
            #expect(shown.header("content-type") == "text/html; charset=utf-8")
            #expect(shown.text == (try await world.made(request)).content)
        }
    }

    @Test func `a sandbox SDK page is a JSON object of strings with the URL to pay`() async throws {
        try await withSandbox { world in
            let page = try await world.made(Sample.create(for: .app))
            #expect(page.kind == .sdk)
            let parameters = SandboxWire.decode([String: String].self, from: Array(page.content.utf8))
            #expect(parameters?["pay_url"] == "\(world.base)/trades/20261122_0001_1/pay")
            #expect(parameters?["amount"] == "9900")
        }
    }

    @Test func `a sandbox trade has a stable page for each terminal`() async throws {
        try await withSandbox { world in
            var pages: [Terminal: ProviderPage] = [:]
            for terminal in [Terminal.pc, .h5, .app] {
                pages[terminal] = try await world.made(Sample.create(for: terminal))
                #expect(try await world.made(Sample.create(for: terminal)) == pages[terminal])
            }
            #expect(pages[.pc]?.content == pages[.h5]?.content)
            #expect(await world.trade(Sample.number)?.creates == 6)
        }
    }

    @Test func `a browser that pays or cancels in the sandbox sees a page with a link to the shop`() async throws {
        try await withSandbox { world in
            let back = "https://shop.example/done?a=1&b=\"2\"".replacing("\"", with: "%22")
            _ = await world.provider().create(Sample.create(Sample.number, Sample.stored(returnURL: back)))
            let left = try await world.send(.post, "/trades/\(Sample.number)/cancel", headers: Self.browser)
            #expect(left.status == 200)
            #expect(left.text.contains("<h1>Payment cancelled</h1>"))
            let paid = try await world.send(.post, "/trades/\(Sample.number)/pay", headers: Self.browser)
            #expect(paid.status == 200)
            #expect(paid.header("content-security-policy")?.contains("default-src 'none'") == true)
            #expect(paid.text.contains("<h1>Paid</h1>"))
            #expect(paid.text.contains(#"href="https://shop.example/done?a=1&amp;b=%222%22""#))
        }
    }

    @Test func `a browser that pays too late in the sandbox sees that nothing was paid`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            world.clock.advance(by: .seconds(1_800))
            let reply = try await world.send(.post, "/trades/\(Sample.number)/pay", headers: Self.browser)
            #expect(reply.status == 409)
            #expect(reply.text.contains("<h1>Not paid</h1>"))
        }
    }
}

extension SandboxWorld {
    fileprivate func made(_ request: CreateRequest) async throws -> ProviderPage {
        let answer = await provider().create(request)
        guard case .made(let page) = answer else { throw SandboxWorldError(description: "\(answer)") }
        return page
    }
}

extension String {
    /// The places of a piece in the text.
    fileprivate func components(of piece: String) -> [Range<String.Index>] { ranges(of: piece) }
}
