import Testing

@testable import PayCheckout

@Suite struct CheckoutColorTests {
    @Test func `a colour is a number sign and six hexadecimal digits`() {
        #expect(CheckoutColor("#1677fF") == CheckoutColor(0x1677FF))
        #expect(CheckoutColor("#0a0b0c")?.text == "#0a0b0c")
        for text in ["", "#", "1677ff", "#fff", "#1677ff0", "#+677ff", "#1677fg", "#１677ff", " #1677ff", "red"] {
            #expect(CheckoutColor(text) == nil, "\(text)")
        }
    }

    @Test func `contrast is measured as WCAG does`() {
        #expect(CheckoutColor.black.contrast(with: .white) == 21)
        #expect(CheckoutColor.white.contrast(with: .white) == 1)
        // The lightest grey that is readable on white, and the next one, which is not.
        #expect(CheckoutColor(0x767676).contrast(with: .white) >= 4.5)
        #expect(CheckoutColor(0x777777).contrast(with: .white) < 4.5)
    }

    @Test(arguments: CheckoutPalette.Mode.allCases)
    func `with any accent colour, every text of the page can be read`(mode: CheckoutPalette.Mode) {
        let steps = stride(from: UInt32(0), through: 255, by: 17)
        for red in steps {
            for green in steps {
                for blue in steps {
                    let accent = CheckoutColor(red << 16 | green << 8 | blue)
                    let palette = CheckoutPalette(accent, mode)
                    let pairs =
                        [(palette.onAccent, palette.accent), (palette.onAccent, palette.accentDeep)]
                        + (mode.grounds + [palette.tint]).map { (palette.link, $0) }
                    let unreadable = pairs.filter { $0.contrast(with: $1) < CheckoutPalette.leastContrast }
                    guard unreadable.isEmpty else {
                        Issue.record("\(accent.text) in \(mode): \(unreadable.map { ($0.text, $1.text) })")
                        return
                    }
                    #expect(palette.accent == accent, "the button has the merchant's own colour")
                }
            }
        }
    }

    @Test func `the palette knows the grounds of the stylesheet`() {
        let css = String(decoding: PackageResources.checkout_css, as: UTF8.self).lowercased()
        let names = ["--card", "--panel", "--ground"]
        for mode in CheckoutPalette.Mode.allCases {
            for (name, ground) in zip(names, mode.grounds) {
                let short = ground == .white ? "#fff" : ground.text
                #expect(css.contains("\(name): \(short);"), "\(name) in \(mode)")
            }
        }
    }

    @Test func `the merchant's colour ends the stylesheet`() {
        let assets = CheckoutAssets(CheckoutRules(color: CheckoutColor("#ffcc00")))
        #expect(assets.stylesheet.url(under: "") != CheckoutAssets.standard.stylesheet.url(under: ""))
        let css = CheckoutPalette.css(CheckoutColor("#ffcc00")!)
        #expect(css.hasPrefix(":root{--accent:#ffcc00;"))
        #expect(css.contains("--on-accent:#000000"))
        #expect(css.contains("@media (prefers-color-scheme:dark){:root{--accent:#ffcc00;"))
    }
}
