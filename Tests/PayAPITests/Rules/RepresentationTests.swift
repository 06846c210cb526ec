import PayCache
import PayCore
import QRDrawing
import Testing

@testable import PayAPI

@Suite struct RepresentationTests {
    @Test(
        arguments: [
            ([], .html), ([""], .html), (["*/*"], .html), (["text/html"], .html), (["text/plain"], .text),
            (["application/json"], .json), (["text/*"], .html), (["application/*"], .json),
            (["TEXT/PLAIN"], .text), (["image/png"], nil), (["text/html;q=0"], nil), (["*/*;q=0"], nil),
            (["image/png, text/plain"], .text), (["text/plain", "application/json;q=0.5"], .text),
            (["application/json;q=0.9, text/html;q=0.8"], .json), (["text/html;q=0.8, application/json;q=0.8"], .html),
            (["text/html;q=0, */*;q=0.1"], .text), (["text/*;q=0.3, text/html;q=0.1, application/json;q=0.2"], .text),
            (["application/json;q=0.001"], .json), (["text/html;level=1"], .html),
            (["text/html;level=1;q=0.5, text/plain"], .text),
            (["application/json ; q=1.0 , text/html ; q=0.5"], .json), (["text/html;Q=0.1, text/plain;q=0.2"], .text),
            (["text/html;q=2, text/plain;q=1"], .html),
            (["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], .html),
            (["nonsense"], .html), (["text/html;q=x"], .html), ([", ,text/plain,"], .text),
        ] as [([String], Representation?)])
    func `Accept chooses a form by the quality of the most specific range`(
        accept: [String], expected: Representation?
    ) {
        #expect(Representation.best(of: [.html, .text, .json], accept: accept) == expected)
    }

    @Test func `of equally accepted forms, the first one offered is chosen`() {
        #expect(Representation.best(of: [.text, .json], accept: ["*/*"]) == .text)
        #expect(Representation.best(of: [.json, .text], accept: ["*/*"]) == .json)
        #expect(Representation.best(of: [.text, .json], accept: ["text/html"]) == nil)
    }

    /// The `Accept` values of common browsers, for pages and for images.
    @Test(
        arguments: [
            ([], .text), (["*/*"], .text), (["text/plain"], .text), (["application/json"], .json), (["text/*"], .text),
            (["application/*, */*;q=0.1"], .json), (["image/*"], .svg), (["image/png"], .png),
            (["image/svg+xml"], .svg), (["image/png, image/svg+xml;q=0.9"], .png), (["image/png;q=0.5, */*"], .svg),
            (["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], .svg),
            (
                [
                    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
                        + "application/signed-exchange;v=b3;q=0.7"
                ], .svg
            ),
            (["image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"], .svg),
            (["image/avif,image/webp,image/png,*/*;q=0.8"], .png), (["image/webp, */*;q=0.5"], .svg),
            (["image/svg+xml;q=0, image/*"], .png), (["image/*;q=0, */*"], .text), (["text/html;q=0, */*"], .text),
            (["text/html, text/plain;q=0.9, */*;q=0.8"], .text), (["text/html"], nil), (["image/webp"], nil),
            (["text/html, image/webp"], nil),
        ] as [([String], Representation?)])
    func `a QR page is a picture for a browser, and text for a program without a preference`(
        accept: [String], expected: Representation?
    ) {
        #expect(Representation.best(of: Representation.of(.test(.qr)), accept: accept) == expected)
    }

    @Test func `a page is available in its own form, and only a QR payload as a picture`() {
        #expect(Representation.of(.test(.html)) == [.html, .text, .json])
        #expect(Representation.of(.test(.qr)) == [.text, .svg, .png, .json])
        for kind in [PageKind.redirect, .sdk] { #expect(Representation.of(.test(kind)) == [.text, .json]) }
    }

    @Test(arguments: ["", "a\0b", String(repeating: "x", count: 2_332), String(repeating: "茶", count: 778)])
    func `a payload that exceeds a QR code is not offered as a picture`(_ payload: String) {
        #expect(Representation.of(.test(.qr, payload)) == [.text, .json])
    }

    @Test func `the largest module size of a picture depends on its QR code`() throws {
        let longest = String(repeating: "x", count: 2_331)
        #expect(try QRPicture(moduleSize: nil).svg(of: longest) == Array(QRCode(longest).svg(label: "QR code").utf8))
        #expect(try QRPicture(moduleSize: 11).png(of: longest) == QRCode(longest).png(moduleSize: 11))
        for draw in [QRPicture(moduleSize: 12).svg, QRPicture(moduleSize: 32).png] {
            let problem = #expect(throws: Problem.self) { try draw(longest) }
            #expect(problem?.code == .invalidRequest && problem?.errors.map(\.pointer) == ["/size"])
        }
    }

    @Test(arguments: ["0", "-1", "33", "08", "+8", "8.0", "1e1", " 8", "8 ", "", "eight", "８", "99999999999999999999"])
    func `an invalid module size is refused`(_ text: String) {
        #expect(QRPicture.moduleSize(text) == nil)
    }
}

extension Page {
    fileprivate static func test(_ kind: PageKind, _ content: String = "weixin://wxpay/bizpayurl?pr=1") -> Page {
        Page(
            kind: kind, content: content, terminal: .pc, openID: "", serves: [.pc], mintedAt: Instant(milliseconds: 0),
            expiresAt: Instant(milliseconds: 1))
    }
}
