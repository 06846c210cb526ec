import PayCore
import QRDrawing

/// How a page's payload is asked to be drawn.
struct QRPicture {
    /// The query's `size`: pixels that a module is wide.
    static let sizeRule = "a whole number from \(QRCode.moduleSizes.lowerBound) to \(QRCode.moduleSizes.upperBound)"

    let moduleSize: Int

    init(moduleSize: Int?) {
        self.moduleSize = moduleSize ?? QRCode.usualModuleSize
    }

    /// Nil for what isn't spelled as a number of ours is.
    static func moduleSize(_ text: String) -> Int? {
        guard let size = Int(text), QRCode.moduleSizes.contains(size), text == "\(size)" else { return nil }
        return size
    }

    func svg(of payload: String) throws -> [UInt8] {
        // The picture stands by itself, in no language's page.
        Array(try code(for: payload).svg(moduleSize: moduleSize, label: "QR code").utf8)
    }

    func png(of payload: String) throws -> [UInt8] {
        try code(for: payload).png(moduleSize: moduleSize)
    }

    private func code(for payload: String) throws -> QRCode {
        let code = try QRCode(payload)
        guard moduleSize <= code.largestModuleSize else {
            throw Problem.invalid([
                UnacceptableField(
                    pointer: "/size",
                    detail: "must be at most \(code.largestModuleSize) for this page: "
                        + "a picture is at most \(QRCode.widestPicture) pixels wide")
            ])
        }
        return code
    }
}
