import CPNG

extension QRCode {
    /// The code as a grayscale PNG.
    public func png(moduleSize: Int = usualModuleSize) throws(QRCodeRefusal) -> [UInt8] {
        let side = pixels(moduleSize: moduleSize)
        let pixels = pixels(moduleSize: moduleSize, side: side)
        var size = cpng_largest_gray_square(UInt32(side))
        var isWritten = false
        let png = [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            isWritten = cpng_write_gray_square(UInt32(side), pixels, memory.baseAddress, &size) != 0
            count = isWritten ? size : 0
        }
        guard isWritten else { throw .notMade }
        // Copies the used part, so that the unused capacity is freed.
        return Array(png[...])
    }

    private static let dark: UInt8 = 0
    private static let light: UInt8 = 0xFF

    private func pixels(moduleSize: Int, side: Int) -> [UInt8] {
        let margin = [UInt8](repeating: Self.light, count: Self.quietZone * moduleSize * side)
        var pixels = margin
        pixels.reserveCapacity(side * side)
        for row in 0..<width {
            var line = [UInt8](repeating: Self.light, count: side)
            for stretch in darkStretches(row: row) {
                let first = (stretch.lowerBound + Self.quietZone) * moduleSize
                line.replaceSubrange(
                    first..<first + stretch.count * moduleSize,
                    with: repeatElement(Self.dark, count: stretch.count * moduleSize))
            }
            for _ in 0..<moduleSize { pixels += line }
        }
        return pixels + margin
    }
}
