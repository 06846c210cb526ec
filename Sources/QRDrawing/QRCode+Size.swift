extension QRCode {
    /// The allowed widths of a module in pixels. A phone reads modules of one pixel from a screenshot. Above 32 pixels,
    /// SVG is the better format.
    public static let moduleSizes = 1...32

    /// A typical code is 40 modules wide: 320 pixels, which a phone reads from a desktop's screen at arm's length.
    public static let usualModuleSize = 8

    /// The widest picture in pixels: 4 MiB in memory, some milliseconds to draw, a few KiB to send. It bounds the work
    /// per request.
    public static let widestPicture = 2_048

    /// The largest module width for this code. Never below the usual width.
    public var largestModuleSize: Int {
        min(Self.moduleSizes.upperBound, Self.widestPicture / widthWithQuietZone)
    }

    func pixels(moduleSize: Int) -> Int {
        let allowed = 1...largestModuleSize
        precondition(allowed.contains(moduleSize), "moduleSize \(moduleSize) is outside \(allowed)")
        return widthWithQuietZone * moduleSize
    }
}
