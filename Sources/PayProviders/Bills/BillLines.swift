/// A line of a bill.
enum BillText: Hashable, Sendable {
    /// Without its line ending.
    case line([UInt8])
    /// A line above ``BillLimits/lineBytes``, whose content was not kept.
    case tooLong
}

/// Splits bytes into lines. A line ends with LF or CRLF, and the last one with the file.
struct BillLines<Source: BillBytes> {
    private var source: Source
    private var piece: ArraySlice<UInt8> = []
    /// The beginning of a line whose end is in a later piece.
    private var begun: [UInt8] = []
    private var isTooLong = false
    private var hasBegun = false

    init(_ source: Source) {
        self.source = source
    }

    /// The bytes that are held in memory.
    var bytesHeld: Int { piece.count + begun.count }

    /// The next line; nil at the end.
    mutating func next() throws(BillFlaw) -> BillText? {
        while true {
            if let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
                keep(piece[..<end])
                piece = piece[(end + 1)...]
                return take()
            }
            if !piece.isEmpty {
                keep(piece)
                hasBegun = true
                piece = []
            }
            guard let next = try source.next() else { return hasBegun ? take() : nil }
            piece = next[...]
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        if isTooLong || begun.count + bytes.count > BillLimits.lineBytes {
            isTooLong = true
            begun = []
        } else {
            begun += bytes
        }
    }

    private mutating func take() -> BillText {
        defer {
            begun = []
            isTooLong = false
            hasBegun = false
        }
        if isTooLong { return .tooLong }
        if begun.last == UInt8(ascii: "\r") { begun.removeLast() }
        return .line(begun)
    }
}
