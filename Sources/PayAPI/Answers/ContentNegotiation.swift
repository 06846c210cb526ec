package import PayCache
package import PayCore
import QRDrawing

extension Representation {
    private static let longestAccept = 2_048

    /// The available forms of a page, the most natural for a program first. A payload that is too long for a QR code
    /// has no picture.
    package static func of(_ page: Page) -> [Representation] {
        switch page.kind {
        case .html: [.html, .text, .json]
        case .qr: QRCodeRefusal(of: page.content) == nil ? [.text, .svg, .png, .json] : [.text, .json]
        case .redirect, .sdk: [.text, .json]
        }
    }

    /// The offered form that `Accept` prefers (RFC 9110, 12.5.1). If it prefers several alike or is missing, the most
    /// natural one.
    ///
    /// If `Accept` names HTML or pictures among other types, a picture is more natural than text: the client is a
    /// browser, whose user scans the picture with a phone.
    package static func best(of offered: [Representation], accept: [String]) -> Representation? {
        // A browser lists a dozen types, but a header may have 80 KiB.
        let ranges = accept.joined(separator: ",").prefix(longestAccept).split(separator: ",").compactMap(
            MediaRange.init)
        guard !ranges.isEmpty else { return offered.first }
        let isLookedAt = ranges.contains(where: \.isOfBrowsers)
        let natural = isLookedAt ? offered.filter(\.isPicture) + offered.filter { !$0.isPicture } : offered
        let liked = natural.map { kind in (kind, MediaRange.quality(of: kind.rawValue, in: ranges)) }
        let most = liked.map(\.1).max() ?? 0
        return most > 0 ? liked.first { $0.1 == most }?.0 : nil
    }
}

/// One entry of an `Accept` header.
private struct MediaRange {
    let type: String
    let quality: Double

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.trimmingPrefix { $0 == " " } }
        guard let type = parts.first?.prefix(while: { $0 != " " }), type.contains("/") else { return nil }
        let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
        self.type = type.lowercased()
        quality = min(max(weight ?? 1, 0), 1)
    }

    var isOfBrowsers: Bool { quality > 0 && (type == "text/html" || type.hasPrefix("image/")) }

    /// The quality of a type, by the most specific range that matches it.
    static func quality(of type: String, in ranges: [MediaRange]) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        for name in [type, String(family), "*/*"] {
            if let range = ranges.first(where: { $0.type == name }) { return range.quality }
        }
        return 0
    }
}
