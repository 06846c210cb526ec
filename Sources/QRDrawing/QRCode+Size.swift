extension QRCode {
    /// How many pixels wide a module may be. A phone reads a module of one pixel from a screenshot; above 32 a picture
    /// is a poster's, which SVG is better for.
    public static let moduleSizes = 1...32

    /// A common code is some 40 modules wide: 320 pixels, which a phone reads from a desktop's screen at arm's length.
    public static let usualModuleSize = 8

    /// Pixels from side to side: 4 MiB to draw, some milliseconds, a few KiB to send. Nobody makes the service draw more.
    public static let widestPicture = 2_048

    /// The largest module that this code may be drawn with. Never less than the usual one.
    public var largestModuleSize: Int {
        min(Self.moduleSizes.upperBound, Self.widestPicture / widthWithQuietZone)
    }

    func pixels(moduleSize: Int) -> Int {
        let allowed = 1...largestModuleSize
        precondition(allowed.contains(moduleSize), "moduleSize \(moduleSize) is outside \(allowed)")
        return widthWithQuietZone * moduleSize
    }
}
