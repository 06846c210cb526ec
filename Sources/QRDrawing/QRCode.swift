import CQREncode

/// A QR code as dark and light modules: error correction level M, UTF-8 in byte mode.
///
/// Other levels and modes would be slightly smaller or more robust. The providers' own guides use these.
public struct QRCode: Hashable, Sendable {
    /// Modules per row, and rows, without the quiet zone.
    public let width: Int
    /// Row by row.
    private let modules: [Bool]

    /// The capacity of the largest code (version 40) at level M in byte mode (ISO/IEC 18004, table 7).
    public static let longestPayload = 2_331

    /// The width of the light border, without which scanners do not find the code (ISO/IEC 18004, 5.3.8).
    public static let quietZone = 4

    public init(_ payload: String) throws(QRCodeRefusal) {
        if let refusal = QRCodeRefusal(of: payload) { throw refusal }
        let bytes = Array(payload.utf8)
        // The only cause left is a lack of memory.
        guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { throw .notMade }
        defer { QRcode_free(code) }
        width = Int(code.pointee.width)
        // The lowest bit is the colour. The other bits state the module's function.
        modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width).map { $0 & 1 == 1 }
    }

    public func isDark(row: Int, column: Int) -> Bool {
        modules[row * width + column]
    }

    /// Modules per row, including the quiet zone on both sides.
    public var widthWithQuietZone: Int { width + 2 * Self.quietZone }

    /// The dark runs of a row, as ranges of columns.
    func darkStretches(row: Int) -> [Range<Int>] {
        var stretches: [Range<Int>] = []
        for column in 0..<width where isDark(row: row, column: column) {
            if let last = stretches.last, last.upperBound == column {
                stretches[stretches.count - 1] = last.lowerBound..<column + 1
            } else {
                stretches.append(column..<column + 1)
            }
        }
        return stretches
    }
}

/// Why a payload cannot be drawn.
public enum QRCodeRefusal: Error, Hashable, Sendable {
    case empty
    /// Scanners cut a text at a NUL, so the code would contain another text.
    case holdsNUL
    case tooLong(bytes: Int)
    /// Out of memory.
    case notMade

    /// Checks a payload before it is drawn; nil if it can be drawn.
    public init?(of payload: String) {
        let count = payload.utf8.count
        if count == 0 {
            self = .empty
        } else if count > QRCode.longestPayload {
            self = .tooLong(bytes: count)
        } else if payload.utf8.contains(0) {
            self = .holdsNUL
        } else {
            return nil
        }
    }
}
