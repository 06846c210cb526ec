/// Why a bill can't be read. The reason is safe to log.
struct BillFlaw: Error, Hashable, Sendable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// The bytes of a bill, piece by piece.
protocol BillBytes {
    /// The next piece; nil at the end. A piece may be empty.
    mutating func next() throws(BillFlaw) -> [UInt8]?
}

/// The limits on a bill, with their reasons.
enum BillLimits {
    /// A piece that is read from the file, and one that is inflated.
    static let pieceBytes = 65_536
    /// A bill's line has some 300 bytes, and a bill of a million lines 300 MB. Above this limit a small file is taken
    /// for an attack: a compressed file can inflate to a thousand times its size.
    static let inflatedBytes = 4_294_967_296
    /// The largest download, which holds some ten million lines compressed.
    static let downloadBytes = 1_073_741_824
    /// A longer line is not a line of a bill, and its content is not kept.
    static let lineBytes = 65_536
    /// The rows that are handed over together.
    static let batchRows = 500
}

/// A part of a file as it is.
struct FileBytes: BillBytes {
    private let file: SpoolFile
    private var offset: Int
    private let end: Int

    init(_ file: SpoolFile, _ range: Range<Int>? = nil) {
        self.file = file
        offset = range?.lowerBound ?? 0
        end = range?.upperBound ?? file.count
    }

    mutating func next() throws(BillFlaw) -> [UInt8]? {
        guard offset < end else { return nil }
        let piece = try file.read(from: offset, most: min(BillLimits.pieceBytes, end - offset))
        guard !piece.isEmpty else { throw BillFlaw("the file ends too early") }
        offset += piece.count
        return piece
    }
}

extension BillBytes {
    /// Reads to the end, and passes each piece to `use`.
    mutating func forEach(_ use: ([UInt8]) throws(BillFlaw) -> Void) async throws(BillFlaw) {
        while let piece = try next() {
            try use(piece)
            // A large file takes seconds, and other tasks share the thread.
            await Task.yield()
        }
    }
}
