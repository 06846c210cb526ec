import PayCore
import QRDrawing

/// The options for drawing a page's payload as a QR code.
struct QRPicture {
    /// The allowed values of the query's `size`: the width of a module in pixels.
    static let sizeRule = "a whole number from \(QRCode.moduleSizes.lowerBound) to \(QRCode.moduleSizes.upperBound)"

    let moduleSize: Int

    init(moduleSize: Int?) {
        self.moduleSize = moduleSize ?? QRCode.usualModuleSize
    }

    /// Nil unless the text is the canonical spelling of an allowed number.
    static func moduleSize(_ text: String) -> Int? {
        guard let size = Int(text), QRCode.moduleSizes.contains(size), text == "\(size)" else { return nil }
        return size
    }

    func svg(of payload: String) throws -> [UInt8] {
        // The picture has no language of its own, so the label is fixed.
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
                    detail: "must be at most \(code.largestModuleSize) for this page, "
                        + "because a picture is at most \(QRCode.widestPicture) pixels wide")
            ])
        }
        return code
    }
}
