/// The directory of a zip file (APPNOTE 6.3.10), without the parts that no bill needs: several disks, encryption and
/// zip64. zlib inflates the entries.
struct ZipArchive {
    struct Entry {
        /// The raw name: UTF-8 if ``isUTF8``, otherwise in an encoding that the file does not tell.
        let name: [UInt8]
        let isUTF8: Bool
        fileprivate let isEncrypted: Bool
        fileprivate let method: UInt16
        fileprivate let crc: UInt32
        fileprivate let compressed: Int
        fileprivate let inflated: Int
        fileprivate let offset: Int
    }

    /// A bill has two entries.
    private static let mostEntries = 64
    private static let largestDirectory = 1_048_576
    private static let endBytes = 22
    private static let headBytes = 30
    private static let entryBytes = 46
    /// The end is followed by a comment of at most 65,535 bytes.
    private static let longestEnd = endBytes + 65_535
    private static let damaged = BillFlaw("the zip file is damaged")
    private static let zip64 = BillFlaw("the zip file is in the zip64 format, which is not supported")

    let entries: [Entry]
    private let file: SpoolFile
    private let directory: Int

    /// Whether the file begins as a zip file does. An error page does not.
    static func isZip(_ file: SpoolFile) throws(BillFlaw) -> Bool {
        let begin = try file.read(from: 0, most: 4)
        return begin == [0x50, 0x4B, 0x03, 0x04] || begin == [0x50, 0x4B, 0x05, 0x06]
    }

    init(_ file: SpoolFile) throws(BillFlaw) {
        self.file = file
        let start = max(0, file.count - Self.longestEnd)
        let tail = LittleEndian(try file.read(from: start, most: Self.longestEnd))
        guard let end = Self.end(in: tail) else { throw Self.damaged }
        guard tail.number16(end + 4) == 0, tail.number16(end + 6) == 0 else { throw Self.damaged }
        guard let count = tail.number16(end + 10), let size = tail.number32(end + 12),
            let offset = tail.number32(end + 16)
        else { throw Self.damaged }
        guard count != 0xFFFF, size != 0xFFFF_FFFF, offset != 0xFFFF_FFFF else { throw Self.zip64 }
        guard count <= Self.mostEntries, size <= Self.largestDirectory else {
            throw BillFlaw("the zip file has more entries than a bill")
        }
        guard Int(offset) + Int(size) <= start + end else { throw Self.damaged }
        directory = Int(offset)
        let bytes = LittleEndian(try file.read(from: directory, most: Int(size)))
        var (place, entries): (Int, [Entry]) = (0, [])
        for _ in 0..<count {
            let (entry, length) = try Self.entry(in: bytes, at: place)
            entries.append(entry)
            place += length
        }
        self.entries = entries
    }

    /// The bytes of an entry. Its CRC-32 and its length are checked at its end.
    func bytes(of entry: Entry) throws(BillFlaw) -> ZipEntryBytes {
        guard !entry.isEncrypted else { throw BillFlaw("the zip file is encrypted") }
        let head = LittleEndian(try file.read(from: entry.offset, most: Self.headBytes))
        guard head.number32(0) == 0x0403_4B50, let name = head.number16(26), let extra = head.number16(28) else {
            throw Self.damaged
        }
        let start = entry.offset + Self.headBytes + Int(name) + Int(extra)
        guard start + entry.compressed <= directory else { throw Self.damaged }
        let compressed = FileBytes(file, start..<(start + entry.compressed))
        switch entry.method {
        case 0: return ZipEntryBytes(.stored(compressed), entry)
        case 8: return ZipEntryBytes(.deflated(try InflatedBytes(compressed, .raw, most: entry.inflated)), entry)
        default: throw BillFlaw("the zip file is compressed by method \(entry.method), which is not supported")
        }
    }

    /// The place of the end record, whose comment reaches exactly to the end of the file.
    private static func end(in tail: LittleEndian) -> Int? {
        var place = tail.count - endBytes
        while place >= 0 {
            if tail.number32(place) == 0x0605_4B50, let comment = tail.number16(place + 20),
                place + endBytes + Int(comment) == tail.count
            {
                return place
            }
            place -= 1
        }
        return nil
    }

    private static func entry(in bytes: LittleEndian, at place: Int) throws(BillFlaw) -> (Entry, length: Int) {
        guard bytes.number32(place) == 0x0201_4B50, let flags = bytes.number16(place + 8),
            let method = bytes.number16(place + 10), let crc = bytes.number32(place + 16),
            let compressed = bytes.number32(place + 20), let inflated = bytes.number32(place + 24),
            let nameLength = bytes.number16(place + 28), let extra = bytes.number16(place + 30),
            let comment = bytes.number16(place + 32), let offset = bytes.number32(place + 42),
            let name = bytes.bytes(place + entryBytes, Int(nameLength))
        else { throw damaged }
        guard compressed != 0xFFFF_FFFF, inflated != 0xFFFF_FFFF, offset != 0xFFFF_FFFF else { throw zip64 }
        let entry = Entry(
            name: name, isUTF8: flags & 0x0800 != 0, isEncrypted: flags & 0x2041 != 0, method: method, crc: crc,
            compressed: Int(compressed), inflated: Int(inflated), offset: Int(offset))
        return (entry, entryBytes + Int(nameLength) + Int(extra) + Int(comment))
    }
}

/// The inflated bytes of an entry.
struct ZipEntryBytes: BillBytes {
    enum Content {
        case stored(FileBytes)
        case deflated(InflatedBytes<FileBytes>)
    }

    private var content: Content
    private let entry: ZipArchive.Entry
    private var crc = CRC32()
    private var count = 0

    fileprivate init(_ content: Content, _ entry: ZipArchive.Entry) {
        self.content = content
        self.entry = entry
    }

    mutating func next() throws(BillFlaw) -> [UInt8]? {
        guard let piece = try read() else {
            guard crc.value == entry.crc, count == entry.inflated else {
                throw BillFlaw("the file in the zip file is damaged")
            }
            return nil
        }
        crc.add(piece)
        count += piece.count
        return piece
    }

    private mutating func read() throws(BillFlaw) -> [UInt8]? {
        switch content {
        case .stored(var bytes):
            let piece = try bytes.next()
            content = .stored(bytes)
            return piece
        case .deflated(var bytes):
            let piece = try bytes.next()
            content = .deflated(bytes)
            return piece
        }
    }
}

/// Numbers in little-endian order. Nil beyond the end.
private struct LittleEndian {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    func number16(_ place: Int) -> UInt16? {
        bytes(place, 2).map { UInt16($0[0]) | UInt16($0[1]) << 8 }
    }

    func number32(_ place: Int) -> UInt32? {
        bytes(place, 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    func bytes(_ place: Int, _ count: Int) -> [UInt8]? {
        guard place >= 0, count <= bytes.count, place <= bytes.count - count else { return nil }
        return Array(bytes[place..<(place + count)])
    }
}
