/// The colours that the page derives from the merchant's accent colour, for light or dark mode.
///
/// The colour itself fills the main button. Any colour can be chosen, so the text on the button is black or white, and
/// links have a darker or lighter shade of the colour that can be read on every ground of the page.
struct CheckoutPalette: Hashable, Sendable {
    enum Mode: CaseIterable, Sendable {
        case light, dark
    }

    /// The fill of the main button.
    let accent: CheckoutColor
    /// The same under the pointer.
    let accentDeep: CheckoutColor
    let onAccent: CheckoutColor
    /// Links, and the outline of the focus.
    let link: CheckoutColor
    /// A light ground of a choice under the pointer.
    let tint: CheckoutColor

    /// The smallest contrast of text (WCAG 2.2, 1.4.3).
    static let leastContrast = 4.5

    init(_ accent: CheckoutColor, _ mode: Mode) {
        self.accent = accent
        let isOnWhite = accent.contrast(with: .white) >= accent.contrast(with: .black)
        onAccent = isOnWhite ? .white : .black
        accentDeep = accent.mixed(with: isOnWhite ? .black : .white, 0.15)
        let shades = stride(from: 0.0, through: 1, by: 0.05).map { share in
            accent.mixed(with: mode == .light ? .black : .white, share)
        }
        let fitting = shades.first { shade in
            (mode.grounds + [mode.tint(shade)]).allSatisfy { shade.contrast(with: $0) >= Self.leastContrast }
        }
        link = fitting ?? (mode == .light ? .black : .white)
        tint = mode.tint(link)
    }

    fileprivate var css: String {
        ":root{--accent:\(accent.text);--accent-deep:\(accentDeep.text);--on-accent:\(onAccent.text);"
            + "--link:\(link.text);--tint:\(tint.text)}"
    }

    /// The end of the stylesheet for a merchant's colour.
    static func css(_ accent: CheckoutColor) -> String {
        CheckoutPalette(accent, .light).css
            + "@media (prefers-color-scheme:dark){\(CheckoutPalette(accent, .dark).css)}"
    }
}

extension CheckoutPalette.Mode {
    /// The grounds of the stylesheet on which links stand: `--card`, `--panel`, `--ground`.
    var grounds: [CheckoutColor] {
        switch self {
        case .light: [CheckoutColor(0xFFFFFF), CheckoutColor(0xF8F9FB), CheckoutColor(0xF3F5F8)]
        case .dark: [CheckoutColor(0x181F29), CheckoutColor(0x141A23), CheckoutColor(0x0E131A)]
        }
    }

    fileprivate func tint(_ shade: CheckoutColor) -> CheckoutColor {
        grounds[0].mixed(with: shade, self == .light ? 0.07 : 0.14)
    }
}
