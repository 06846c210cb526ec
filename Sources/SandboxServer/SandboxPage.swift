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

    init(_ trade: SandboxTrade, at place: SandboxPlace) {
        self.trade = trade
        self.place = place
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
        let main = """
                <p class="subject" dir="auto">\(subject)</p>
                <p class="amount">\(trade.particulars.shownAmount.escapedForHTML)</p>
                <form method="post" action="\(place.url(of: trade, "pay").escapedForHTML)">
                    <button class="pay" type="submit">Pay \(trade.particulars.shownAmount.escapedForHTML)</button>
                </form>
                <form method="post" action="\(place.url(of: trade, "cancel").escapedForHTML)">
                    <button class="leave" type="submit">Cancel</button>
                </form>
            """
        return page(title: "Pay: \(subject)", heading: "Sandbox payment", main: main)
    }

    /// The page after a button was pressed.
    func after(_ news: News) -> String {
        var main = "        <p class=\"subject\">\(news.sentence)</p>\n"
        main += "        <p class=\"amount\">\(trade.particulars.shownAmount.escapedForHTML)</p>"
        if let shop = trade.particulars.returnURL {
            main += "\n        <p><a href=\"\(shop.escapedForHTML)\">Back to the shop</a></p>"
        }
        return page(title: news.heading, heading: news.heading, main: main)
    }

    enum News {
        case paid, alreadyPaid, over, gaveUp

        var heading: String {
            switch self {
            case .paid, .alreadyPaid: "Paid"
            case .over: "Not paid"
            case .gaveUp: "Payment cancelled"
            }
        }

        var sentence: String {
            switch self {
            case .paid: "Thank you. No real money was charged."
            case .alreadyPaid: "This trade was already paid. Nothing was charged again."
            case .over: "This trade can no longer be paid. Nothing was charged."
            case .gaveUp: "Nothing was charged. To pay, go back to the previous page."
            }
        }
    }

    private func page(title: String, heading: String, main: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>\(title)</title>
            <style>\(Self.style)</style>
        </head>
        <body>
            <main>
                <h1>\(heading)</h1>
        \(main)
                <p class="note">
                    Trade <code>\(trade.number.escapedForHTML)</code>
                    on <code>\(trade.particulars.channel.escapedForHTML)</code>.
                    This is a provider for trying things out: no real money moves.
                </p>
            </main>
        </body>
        </html>

        """
    }

    private static let style = """

                :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #fff; --ground: #eef1f5;
                    --line: #c9d0d9; --go: #14653c; --go-ink: #fff; }
                @media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --soft: #aab4c0; --paper: #1c232c;
                    --ground: #11161c; --line: #465160; --go: #5fd39a; --go-ink: #06291a; } }
                * { box-sizing: border-box; }
                body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
                    background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
                main { width: 100%; max-width: 24rem; padding: 2rem 1.5rem; border-radius: 1rem; text-align: center;
                    background: var(--paper); box-shadow: 0 .25rem 1.5rem rgb(0 0 0 / .12); }
                h1 { margin: 0 0 1rem; font-size: 1rem; font-weight: 600; color: var(--soft); }
                .subject { margin: 0; font-size: 1.125rem; overflow-wrap: anywhere; }
                .amount { margin: .25rem 0 1.5rem; font-size: 2.25rem; font-weight: 700;
                    font-variant-numeric: tabular-nums; }
                form { margin: .75rem 0 0; }
                button { width: 100%; min-height: 3rem; border-radius: .625rem; border: 1px solid var(--line);
                    background: transparent; color: inherit; font: inherit; font-weight: 600; cursor: pointer; }
                .pay { background: var(--go); border-color: var(--go); color: var(--go-ink); }
                button:focus-visible, a:focus-visible { outline: 3px solid currentcolor; outline-offset: 3px; }
                a { color: inherit; }
                .note { margin: 1.5rem 0 0; font-size: .8125rem; color: var(--soft); overflow-wrap: anywhere; }
            
        """
}

extension SandboxWire.TradeParticulars {
    /// Formatted for people: `99.00 CNY`, `500 JPY`.
    var shownAmount: String {
        let decimals = Currency(currency)?.decimals ?? 0
        guard decimals > 0 else { return "\(amount) \(currency)" }
        let digits = String(amount)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(padded.dropLast(decimals)).\(padded.suffix(decimals)) \(currency)"
    }
}
