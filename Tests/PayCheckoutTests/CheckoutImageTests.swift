import Foundation
import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@testable import PayCheckout

@Suite(.timeLimit(.minutes(5))) struct CheckoutImageTests {
    static let svg = Array(#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#.utf8)
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    static let webp = Array("RIFF".utf8) + [12, 0, 0, 0] + Array("WEBPVP8 ".utf8)

    @Test func `a picture is recognized by its content`() {
        #expect(CheckoutImage(Self.svg)?.format == .svg)
        #expect(CheckoutImage(Self.png)?.format == .png)
        #expect(CheckoutImage(Self.webp)?.format == .webp)
    }

    @Test(arguments: [
        "<svg>", "\u{FEFF}<svg>", " \n<svg\t>", "<?xml version=\"1.0\"?>\n<!-- <html> -->\n<!DOCTYPE svg>\n<svg >",
    ])
    func `an SVG file may begin with a declaration and comments`(text: String) {
        #expect(CheckoutImage(Array(text.utf8))?.format == .svg)
    }

    @Test(arguments: [
        "<!DOCTYPE svg [ <!ENTITY ns \"http://www.w3.org/2000/svg\"> ]><svg xmlns=\"&ns;\"/>",
        "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"svg11.dtd\" [\n<!-- don't [1] -->\n<!ENTITY a \"b\">\n]\n>\n<svg >",
    ])
    func `an SVG file may declare entities in its document type`(text: String) {
        #expect(CheckoutImage(Array(text.utf8))?.format == .svg)
    }

    @Test(arguments: [
        "<!DOCTYPE svg [", "<!DOCTYPE svg [ <!ENTITY a \"b\"> ]", "<!DOCTYPE svg [ <!ENTITY a \"<svg>\"> ]><html>",
        "", "<", "<svgx>", "<html><svg>", "<!-- <svg>", "<?xml", "<!DOCTYPE svg", "GIF89a", "RIFF0000WAVE",
        "text <svg>",
    ])
    func `anything else is no picture`(text: String) {
        #expect(CheckoutImage(Array(text.utf8)) == nil)
    }

    @Test func `text that is not UTF-8 is no picture`() {
        #expect(CheckoutImage([0xFF, 0xFE] + Self.svg) == nil)
    }

    @Test func `the merchant's pictures are cached for ever by version, and can't run a script`() async throws {
        let rules = CheckoutRules(
            shopName: "Tea & Sons", logo: CheckoutImage(Self.svg),
            marks: [Channel("sandbox")!: CheckoutImage(Self.png)!])
        try await withService(TestSetup(checkout: rules)) { service in
            _ = try await service.client.pay()
            let page = try await service.shopper().look().text
            let start = try #require(page.range(of: #"<img class="logo" src=""#))
            let logo = String(page[start.upperBound...].prefix { $0 != "\"" })
            for (path, type) in [(logo, "image/svg+xml"), ("/assets/mark-sandbox.png", "image/png")] {
                let answer = try await service.client.get(path, as: .nobody)
                #expect(answer.status == 200)
                #expect(answer.header("Content-Type") == type)
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(
                    answer.header("Content-Security-Policy")
                        == "default-src 'none'; style-src 'unsafe-inline'; sandbox")
            }
            let answer = try await service.client.get(logo, as: .nobody)
            #expect(answer.header("Cache-Control") == "public, max-age=31536000, immutable")
            #expect(!page.contains("alert(1)"), "the picture is never a part of the page")
        }
    }
}
