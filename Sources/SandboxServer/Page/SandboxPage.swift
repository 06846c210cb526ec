import PayCore
import PayProviders

/// The sandbox's public base URL in pages, without a trailing slash.
struct SandboxPlace: Hashable, Sendable {
    let base: String

    func url(of trade: SandboxTrade, _ action: String) -> String {
        "\(base)/trades/\(trade.number)/\(action)"
    }
}

/// A trade's page, in each kind.
struct SandboxPage {
    private let trade: SandboxTrade
    private let place: SandboxPlace
    private let language: BuyerLanguage
    /// Whether the reader chose the language in the page's menu.
    private let isChosen: Bool
    private let texts: SandboxTexts

    /// - Parameter chosen: The language that the reader chose. The browser's applies otherwise.
    init(
        _ trade: SandboxTrade, at place: SandboxPlace, preferring language: BuyerLanguage = .english,
        chosen: BuyerLanguage? = nil
    ) {
        self.trade = trade
        self.place = place
        self.language = chosen ?? language
        isChosen = chosen != nil
        texts = self.language.sandboxTexts
    }

    func make(_ kind: SandboxWire.PageKind) -> SandboxWire.Page {
        switch kind {
        case .html: SandboxWire.Page(kind: kind, content: document)
        // Scanning the code opens the page.
        case .qr: SandboxWire.Page(kind: kind, content: place.url(of: trade, "page"))
        case .sdk:
            SandboxWire.Page(kind: kind, content: String(decoding: SandboxWire.encode(parameters), as: UTF8.self))
        }
    }

    private var parameters: [String: String] {
        [
            "channel": trade.particulars.channel,
            "trade_no": trade.number,
            "amount": "\(trade.particulars.amount)",
            "currency": trade.particulars.currency,
            "pay_url": place.url(of: trade, "pay"),
        ]
    }

    /// The page: subject, amount and two buttons. Its URLs are absolute, so that it works in a frame, from a file and
    /// without scripts.
    var document: String {
        let subject = trade.particulars.subject.escapedForHTML
        let pay = texts.pay.escapedForHTML.replacing("{}", with: "<bdi>\(amount)</bdi>")
        let main = """
                <p class="subject" dir="auto">\(subject)</p>
                <p class="amount"><bdi>\(amount)</bdi></p>
                <form method="post" action="\(action("pay"))">
                    <button class="pay" type="submit">\(pay)</button>
                </form>
                <form method="post" action="\(action("cancel"))">
                    <button class="leave" type="submit">\(texts.cancel.escapedForHTML)</button>
                </form>
            """
        let title = texts.title.escapedForHTML.replacing("{}", with: subject)
        return page(title: title, heading: texts.heading, main: main, menu: menu)
    }

    /// The page after a button was pressed.
    func after(_ news: News) -> String {
        let news = news.texts(of: texts)
        var main = "        <p class=\"subject\">\(news.sentence.escapedForHTML)</p>\n"
        main += "        <p class=\"amount\"><bdi>\(amount)</bdi></p>"
        if let shop = trade.particulars.returnURL {
            main += """

                        <p><a class="shop" href="\(shop.escapedForHTML)">\(texts.backToShop.escapedForHTML)</a></p>
                """
        }
        return page(title: news.heading.escapedForHTML, heading: news.heading, main: main, menu: "")
    }

    enum News {
        case paid, alreadyPaid, over, gaveUp

        fileprivate func texts(of texts: SandboxTexts) -> SandboxNewsTexts {
            switch self {
            case .paid: texts.paid
            case .alreadyPaid: texts.alreadyPaid
            case .over: texts.over
            case .gaveUp: texts.gaveUp
            }
        }
    }

    private var amount: String { trade.particulars.shownAmount(in: language).escapedForHTML }

    /// The target of a form, escaped. It keeps a language that the reader chose.
    private func action(_ name: String) -> String {
        let choice = isChosen ? "?lang=\(language.rawValue)" : ""
        return "\(place.url(of: trade, name))\(choice)".escapedForHTML
    }

    /// The other languages as links.
    private var menu: String {
        let page = place.url(of: trade, "page")
        let links = BuyerLanguage.allCases.map { other in
            let href = "\(page)?lang=\(other.rawValue)".escapedForHTML
            let current = other == language ? #" aria-current="true""# : ""
            let tag = other.rawValue
            return #"<li><a href="\#(href)" lang="\#(tag)" hreflang="\#(tag)"\#(current)>\#(other.ownName)</a></li>"#
        }
        return """

                    <details>
                        <summary><span class="unseen">\(texts.language.escapedForHTML) </span>\(language.ownName)</summary>
                        <ul>\(links.joined())</ul>
                    </details>
            """
    }

    private func page(title: String, heading: String, main: String, menu: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="\(language.rawValue)" dir="\(language.direction)">
        <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>\(title)</title>
            <style>\(Self.style)</style>
        </head>
        <body>
            <main>
                <p class="test">\(texts.test.escapedForHTML)</p>
                <h1>\(heading.escapedForHTML)</h1>
        \(main)
                <dl>
                    <div><dt>\(texts.trade.escapedForHTML)</dt>
                        <dd dir="ltr">\(trade.number.escapedForHTML)</dd></div>
                    <div><dt>\(texts.channel.escapedForHTML)</dt>
                        <dd dir="ltr">\(trade.particulars.channel.escapedForHTML)</dd></div>
                </dl>\(menu)
            </main>
        </body>
        </html>

        """
    }

    private static let style = """

                :root { color-scheme: light dark; --ink: #1c2430; --soft: #566070; --paper: #fff; --ground: #eef1f5;
                    --line: #c9d0d9; --edge: #7d8896; --go: #14653c; --go-ink: #fff; --test: #fdf3e3; --test-ink: #7a3d00; }
                @media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --soft: #aab4c0; --paper: #1c232c;
                    --ground: #11161c; --line: #3a4553; --edge: #8290a2; --go: #5fd39a; --go-ink: #06291a;
                    --test: #33260f; --test-ink: #f3bd74; } }
                * { box-sizing: border-box; }
                body { margin: 0; min-height: 100vh; min-height: 100svh; display: flex; flex-direction: column;
                    background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
                    font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
                main { flex: 1; width: 100%; max-width: 30rem; margin: 0 auto; padding: 1.25rem; text-align: center; }
                .test { margin: 0 0 1.5rem; padding: .625rem .875rem; border-radius: .625rem; font-size: .9375rem;
                    font-weight: 500; background: var(--test); color: var(--test-ink); }
                h1 { margin: 0 0 .75rem; font-size: 1.125rem; font-weight: 600; color: var(--soft); }
                .subject { margin: 0; font-size: 1.125rem; }
                .amount { margin: .25rem 0 1.5rem; font-size: 2.25rem; line-height: 1.2; font-weight: 700;
                    font-variant-numeric: tabular-nums; }
                form { margin: .75rem 0 0; }
                button, .shop { display: flex; align-items: center; justify-content: center; width: 100%;
                    min-height: 3rem; padding: .625rem 1rem; border-radius: .625rem; border: 1px solid var(--edge);
                    background: transparent; color: inherit; font: inherit; font-weight: 600; cursor: pointer; }
                button bdi { margin-inline: .3em; }
                .pay { background: var(--go); border-color: var(--go); color: var(--go-ink); }
                :focus-visible { outline: 3px solid currentcolor; outline-offset: 3px; }
                a { color: inherit; }
                .shop { text-decoration: none; }
                dl { margin: 1.75rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem;
                    color: var(--soft); }
                dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .125rem 0; }
                dd { margin: 0; }
                details { margin-top: .75rem; font-size: .875rem; color: var(--soft); }
                summary { display: flex; align-items: center; justify-content: center; min-height: 2.75rem;
                    cursor: pointer; text-decoration: underline; text-underline-offset: .2em; list-style: none; }
                summary::-webkit-details-marker { display: none; }
                ul { display: flex; flex-wrap: wrap; justify-content: center; gap: 0 1.25rem; margin: 0; padding: 0;
                    list-style: none; }
                li a { display: inline-flex; align-items: center; min-height: 2.75rem; }
                a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
                .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
                    white-space: nowrap; }
                @media (min-width: 40rem) {
                    body { justify-content: center; background: var(--ground); padding: 2rem; }
                    main { flex: none; padding: 2rem; border-radius: 1rem; background: var(--paper);
                        box-shadow: 0 .25rem 1.5rem rgb(0 0 0 / .12); } }
            
        """
}

extension SandboxWire.TradeParticulars {
    /// Formatted for people: `99.00 CNY`, `500 JPY`, in German `99,00 CNY`.
    func shownAmount(in language: BuyerLanguage) -> String {
        let decimals = Currency(currency)?.decimals ?? 0
        guard decimals > 0 else { return "\(amount) \(currency)" }
        let digits = String(amount)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(padded.dropLast(decimals))\(language.decimalSeparator)\(padded.suffix(decimals)) \(currency)"
    }
}

extension BuyerLanguage {
    fileprivate var decimalSeparator: String {
        switch self {
        case .german, .french, .spanish: ","
        case .english, .chinese, .traditionalChinese, .japanese, .korean, .arabic: "."
        }
    }
}
