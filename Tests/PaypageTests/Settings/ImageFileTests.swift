import Foundation
import PayCheckout
import Testing

@testable import paypage

@Suite struct `Image files of the merchant` {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]

    private func load(_ bytes: [UInt8]) async throws -> CheckoutImage? {
        try await withKeyFiles { files in
            let path = files.folder.appending(path: "logo").path
            try Data(bytes).write(to: URL(filePath: path))
            let environment = SettingsFixture.enough(["PAYPAGE_SHOP_LOGO": path, "PAYPAGE_SHOP_COLOR": "#1677fF"])
            return try SettingsFixture.load(environment).checkout.logo
        }
    }

    private func mistakes(_ bytes: [UInt8]) async throws -> [String] {
        do {
            _ = try await load(bytes)
            return []
        } catch let mistakes as SettingsMistakes {
            return mistakes.all.map(\.description)
        }
    }

    @Test(
        arguments: [
            (png, CheckoutImage.Format.png), (Array("RIFF\u{1}\0\0\0WEBPVP8 ".utf8), .webp),
            (Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), .svg),
            (Array("\u{FEFF}<?xml version='1.0'?>\r\n<!-- a logo -->\n<!DOCTYPE svg>\n<svg>".utf8), .svg),
        ] as [([UInt8], CheckoutImage.Format)]) func `a file's format is read from its content`(
            bytes: [UInt8], format: CheckoutImage.Format
        ) async throws
    {
        let image = try #require(try await load(bytes))
        #expect(image.format == format && image.bytes == bytes)
    }

    @Test(arguments: ["", "<html><svg></svg></html>", "<svgs>", "<!-- <svg>", "GIF89a", "\u{89}PNG", "RIFF1234WAVE"])
    func `a file in another format is refused`(text: String) async throws {
        let mistakes = try await mistakes(Array(text.utf8))
        #expect(mistakes.count == 1 && mistakes[0].contains("SVG, PNG or WebP"), "\(mistakes)")
    }

    @Test func `a logo has at most 64 KiB`() async throws {
        let full = Self.png + Array(repeating: 0, count: 65_536 - Self.png.count)
        #expect(try await mistakes(full) == [])
        let mistakes = try await mistakes(full + [0])
        #expect(mistakes.count == 1 && mistakes[0].contains("at most 64 KiB"), "\(mistakes)")
    }

    @Test func `a colour is read in both cases of its digits`() throws {
        let settings = try SettingsFixture.load(SettingsFixture.enough(["PAYPAGE_SHOP_COLOR": "#1677fF"]))
        #expect(settings.checkout.color == CheckoutColor("#1677FF"))
        #expect(try SettingsFixture.load(SettingsFixture.enough).checkout.color == nil)
    }
}
