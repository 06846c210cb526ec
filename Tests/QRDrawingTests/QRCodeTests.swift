import Foundation
import QRDrawing
import Testing

@Suite struct QRCodeTests {
    /// Typical payloads and the limits of the capacity.
    static let payloads: [String] =
        [
            "weixin://wxpay/bizpayurl?pr=p4sJuQ0zz", "https://qr.alipay.com/bax08861cvbmocq9qvlk00e3",
            "https://pay.example.com/checkout/" + String(repeating: "aZ0-_", count: 30),
            "茶", "请用手机扫码支付：家族茶 🍵（人民币 99.00 元）", "a\u{301}é＆\"<'>\u{1F468}\u{200D}\u{1F469}", "\n\t \u{7F}",
            "0123456789", "HTTP://UPPER.CASE/0", " ",
            String(repeating: "码", count: QRCode.longestPayload / 3),
        ]
        + [1, 2, 14, 15, 106, 107, 500, 1_000, 1_999, QRCode.longestPayload - 1, QRCode.longestPayload]
        .map { length in String((0..<length).map { Character(UnicodeScalar(UInt8(33 + $0 * 7 % 94))) }) }

    @Test(arguments: payloads)
    func `an independent scanner reads a QR code's PNG`(_ payload: String) async throws {
        let png = try QRCode(payload).png(moduleSize: 4)
        #expect(String(decoding: try await Scanner.read(png, "png"), as: UTF8.self) == payload)
    }

    @Test(arguments: payloads)
    func `an independent scanner reads a QR code's SVG`(_ payload: String) async throws {
        let picture = try DrawnSVG(QRCode(payload).svg(label: "QR code")).raster(scale: 4)
        #expect(String(decoding: try await Scanner.read(picture.graymap, "pgm"), as: UTF8.self) == payload)
    }

    @Test(arguments: [1, 2, 7, 8, 31, 32])
    func `a QR code has the requested module size and a quiet zone of four modules`(_ size: Int) async throws {
        let code = try QRCode("https://pay.example.com/")
        let side = (code.width + 8) * size
        let svg = try DrawnSVG(code.svg(moduleSize: size, label: nil))
        #expect(try svg.attribute("width", of: "svg") == "\(side)" && svg.attribute("height", of: "svg") == "\(side)")
        let picture = try svg.raster(scale: 1)
        #expect(picture.side == code.width + 8)
        for row in 0..<picture.side {
            for column in 0..<picture.side {
                let inside = (4..<picture.side - 4).contains(row) && (4..<picture.side - 4).contains(column)
                let isDark = inside && code.isDark(row: row - 4, column: column - 4)
                #expect((picture.pixels[row * picture.side + column] == 0) == isDark)
            }
        }
        let png = try code.png(moduleSize: size)
        // The header's width and height (PNG, 11.2.1), big-endian.
        #expect(png[16..<20].reduce(0) { $0 << 8 | Int($1) } == side)
        #expect(png[20..<24].reduce(0) { $0 << 8 | Int($1) } == side)
        if size > 1 { #expect(try await Scanner.read(png, "png") == Array("https://pay.example.com/".utf8)) }
    }

    @Test func `a payload that no QR code can hold is refused with a reason`() {
        #expect(throws: QRCodeRefusal.empty) { try QRCode("") }
        #expect(throws: QRCodeRefusal.holdsNUL) { try QRCode("a\0b") }
        for (payload, bytes) in [
            (String(repeating: "x", count: 2_332), 2_332), (String(repeating: "码", count: 778), 2_334),
            (String(repeating: "x", count: 1 << 20), 1 << 20),
        ] {
            #expect(throws: QRCodeRefusal.tooLong(bytes: bytes)) { try QRCode(payload) }
        }
    }

    @Test func `a QR code's picture is at most 2048 pixels wide, and the usual size always fits`() throws {
        for length in [1, 40, 200, 1_000, QRCode.longestPayload] {
            let code = try QRCode(String(repeating: "x", count: length))
            #expect(code.largestModuleSize <= 32 && code.largestModuleSize * code.widthWithQuietZone <= 2_048)
            #expect(code.largestModuleSize >= QRCode.usualModuleSize)
        }
        #expect(try QRCode("x").largestModuleSize == 32)
        let largest = try QRCode(String(repeating: "x", count: QRCode.longestPayload))
        #expect(largest.largestModuleSize == 11)
        #expect(try largest.png(moduleSize: 11).count < 256 * 1_024)
    }

    @Test(arguments: [
        "QR code", "\" onload=\"alert(1)", "</svg><script>alert('x')</script>", "茶 & <tea> 🍵",
        "a\nb\tc\0d\u{1B}e\u{FFFE}f",
    ])
    func `a QR code's label is escaped in the SVG`(_ label: String) throws {
        let svg = try DrawnSVG(QRCode("x").svg(label: label))
        #expect(svg.elements.map(\.name) == ["svg", "rect", "path"])
        let shown = label.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "\n", "\t": " "
            case "\0", "\u{1B}", "\u{FFFE}": "\u{FFFD}"
            default: Character(scalar)
            }
        }
        #expect(try Array(svg.attribute("aria-label", of: "svg").unicodeScalars) == shown.flatMap(\.unicodeScalars))
        #expect(try svg.attribute("role", of: "svg") == "img")
        #expect(svg.elements.allSatisfy { $0.attributes["onload"] == nil && $0.attributes["style"] == nil })
    }

    @Test func `a QR code without a label is hidden from screen readers`() throws {
        let svg = try DrawnSVG(QRCode("x").svg(label: nil))
        #expect(try svg.attribute("aria-hidden", of: "svg") == "true")
        #expect(svg.elements[0].attributes["role"] == nil)
    }

    @Test func `a typical QR code is small enough to be inlined in a page`() throws {
        // A checkout link, the longest payload of the hosted page.
        let link = "https://pay.example.com/checkout/" + String(repeating: "x", count: 150)
        #expect(try QRCode(link).svg(label: "QR code").utf8.count < 12 * 1_024)
        #expect(try QRCode("weixin://wxpay/bizpayurl?pr=p4sJuQ0zz").svg(label: "QR code").utf8.count < 3 * 1_024)
    }
}
