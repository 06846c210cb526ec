/// A picture of the merchant: the shop's logo, or the mark of a channel.
package struct CheckoutImage: Hashable, Sendable {
    package enum Format: String, CaseIterable, Hashable, Sendable {
        case svg, png, webp
    }

    package let format: Format
    package let bytes: [UInt8]

    /// Nil if the bytes are not an SVG, PNG or WebP file. Only the beginning is read: a browser shows a damaged picture
    /// as nothing.
    package init?(_ bytes: [UInt8]) {
        guard let format = Format.allCases.first(where: { $0.begins(bytes) }) else { return nil }
        self.format = format
        self.bytes = bytes
    }
}

extension CheckoutImage.Format {
    var contentType: String {
        switch self {
        case .svg: "image/svg+xml"
        case .png: "image/png"
        case .webp: "image/webp"
        }
    }

    fileprivate func begins(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .svg: SVGStart.isSVG(bytes)
        case .png: bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        case .webp: bytes.starts(with: Array("RIFF".utf8)) && bytes.dropFirst(8).starts(with: Array("WEBP".utf8))
        }
    }
}

/// The beginning of an SVG file: an XML declaration, comments and a document type may stand before the root element.
private enum SVGStart {
    static func isSVG(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop { $0.properties.isWhitespace || $0 == "\u{FEFF}" }
            if rest.starts(with: "<svg".unicodeScalars) {
                return rest.dropFirst(4).first.map { $0.properties.isWhitespace || $0 == ">" } ?? false
            }
            let next: Substring.UnicodeScalarView?
            if rest.starts(with: "<!--".unicodeScalars) {
                next = behind("-->", in: rest)
            } else if rest.starts(with: "<?".unicodeScalars) {
                next = behind("?>", in: rest)
            } else if rest.starts(with: "<!DOCTYPE".unicodeScalars) {
                next = behindDocumentType(rest)
            } else {
                return false
            }
            guard let next else { return false }
            rest = next
        }
    }

    private static func behind(
        _ end: String, in text: Substring.UnicodeScalarView
    ) -> Substring.UnicodeScalarView? {
        text.firstRange(of: end.unicodeScalars).map { text[$0.upperBound...] }
    }

    /// Declarations may stand in brackets at the end of a document type, each with a `>` of its own.
    private static func behindDocumentType(_ text: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView? {
        guard let first = text.first(where: { $0 == "[" || $0 == ">" }) else { return nil }
        guard first == "[" else { return behind(">", in: text) }
        var rest = text
        while let next = behind("]", in: rest) {
            rest = next.drop { $0.properties.isWhitespace }
            if rest.first == ">" { return rest.dropFirst() }
        }
        return nil
    }
}
