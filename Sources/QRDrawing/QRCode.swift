import CQREncode

/// A payload as modules, dark and light: error correction level M, the payload's UTF-8 in byte mode.
///
/// Other levels and modes would be a little smaller or sturdier; these are what the providers' own guides draw.
public struct QRCode: Hashable, Sendable {
    /// Modules in a row, and rows; without the quiet zone.
    public let width: Int
    /// Row by row.
    private let modules: [Bool]

    /// What level M of the largest code (version 40) holds in byte mode (ISO/IEC 18004, table 7).
    public static let longestPayload = 2_331

    /// The light modules around a code, without which a scanner doesn't find it (ISO/IEC 18004, 5.3.8).
    public static let quietZone = 4

    public init(_ payload: String) throws(QRCodeRefusal) {
        if let refusal = QRCodeRefusal(of: payload) { throw refusal }
        let bytes = Array(payload.utf8)
        // What is left to go wrong is memory.
        guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { throw .notMade }
        defer { QRcode_free(code) }
        width = Int(code.pointee.width)
        // The other bits of a module say what it is there for.
        modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width).map { $0 & 1 == 1 }
    }

    public func isDark(row: Int, column: Int) -> Bool {
        modules[row * width + column]
    }

    /// Modules in a row with the quiet zone on both sides.
    public var widthWithQuietZone: Int { width + 2 * Self.quietZone }

    /// A row's dark stretches, each as the columns that it covers.
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

/// Why a payload can't be drawn.
public enum QRCodeRefusal: Error, Hashable, Sendable {
    case empty
    /// Scanners cut a text off at a NUL, so it would say another thing than it was made to.
    case holdsNUL
    case tooLong(bytes: Int)
    /// There was no memory for it.
    case notMade

    /// What is wrong with a payload before it is tried; nil when it can be drawn.
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
