import Foundation
import PayCheckout

extension SettingRules {
    /// In bytes. Every buyer loads the image.
    static let largestLogo = 64 << 10
    /// In bytes. A page may show a mark for each channel.
    static let largestMark = 32 << 10

    static func imageFile(upTo largest: Int) -> Rule<CheckoutImage> {
        { path throws(Complaint) in
            let path = try readableFile(path)
            guard let file = FileHandle(forReadingAtPath: path) else {
                throw Complaint("is a file that cannot be read", remedy: "grant the service read access")
            }
            defer { try? file.close() }
            guard let data = try? file.read(upToCount: largest + 1) ?? Data(), data.count <= largest else {
                throw Complaint(
                    "is a file that is too large", remedy: "set it to an image of at most \(largest >> 10) KiB")
            }
            guard let image = CheckoutImage(Array(data)) else {
                throw Complaint("is not an image in a known format", remedy: "set it to an SVG, PNG or WebP file")
            }
            return image
        }
    }

    static func color(_ text: String) throws(Complaint) -> CheckoutColor {
        guard let color = CheckoutColor(text) else {
            throw Complaint("is not a colour", remedy: "write it as #RRGGBB in quotation marks, such as \"#1677FF\"")
        }
        return color
    }
}
