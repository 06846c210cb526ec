import PayCore
import PayFlow
import PayTestSupport
import Synchronization

@testable import PayProviders

/// Rows that a bill handed over.
final class BillCatch: Sendable {
    private let rows = Mutex<[BillRow]>([])

    var all: [BillRow] { rows.withLock { $0 } }

    func take(_ batch: [BillRow]) { rows.withLock { $0 += batch } }
}

/// Bytes in memory, in pieces of a given size.
struct MemoryBytes: BillBytes {
    private var rest: ArraySlice<UInt8>
    private let pieceBytes: Int

    init(_ bytes: [UInt8], pieceBytes: Int = 7) {
        rest = bytes[...]
        self.pieceBytes = pieceBytes
    }

    mutating func next() throws(BillFlaw) -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(pieceBytes) }
        return Array(rest.prefix(pieceBytes))
    }
}

/// The rows of a bill in memory, or its flaw.
func rows(of bytes: [UInt8], by parser: some BillParser, pieceBytes: Int = 8_192) async throws -> Result<
    [BillRow], BillFlaw
> {
    let caught = BillCatch()
    let result = try await BillReading.handOver(MemoryBytes(bytes, pieceBytes: pieceBytes), to: parser) {
        caught.take($0)
    }
    return result.map { count in
        precondition(count == caught.all.count)
        return caught.all
    }
}

extension BillRow {
    var line: BillLine? {
        if case .line(let line) = self { line } else { nil }
    }

    var why: String? {
        if case .unreadable(_, let why) = self { why } else { nil }
    }
}

extension SpoolFile {
    static func holding(_ bytes: [UInt8]) throws -> SpoolFile {
        let file = try SpoolFile(in: "/tmp")
        precondition(file.append(bytes))
        return file
    }
}

/// A file of text lines, and random changes to it.
struct BillMutator {
    private var dice: SplitMix

    init(seed: UInt64) {
        dice = SplitMix(state: seed)
    }

    mutating func mutate(_ bytes: [UInt8], separator: [UInt8]) -> [UInt8] {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...3, using: &dice) { changed = step(changed, separator: separator) }
        return changed
    }

    private mutating func step(_ bytes: [UInt8], separator: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        var changed = bytes
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<9, using: &dice) {
        case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
        case 1: changed[place] = UInt8.random(in: .min ... .max, using: &dice)
        case 2: changed.remove(at: place)
        case 3: changed = Array(changed[..<place])
        case 4: changed.insert(contentsOf: bytes[place...].prefix(16), at: place)
        // A huge field is slow to read, and therefore rare.
        case 5 where Int.random(in: 0..<40, using: &dice) == 0:
            changed.insert(contentsOf: [UInt8](repeating: 0x39, count: 70_000), at: place)
        default: changed = changeLines(bytes, separator: separator)
        }
        return changed
    }

    private mutating func changeLines(_ bytes: [UInt8], separator: [UInt8]) -> [UInt8] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        let place = Int.random(in: 0..<lines.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: lines.remove(at: place)
        case 1: lines.insert(lines[place], at: place)
        case 2: lines.swapAt(place, Int.random(in: 0..<lines.count, using: &dice))
        default:
            var columns = lines[place].split(separator: separator)
            if columns.count > 1 {
                columns.swapAt(
                    Int.random(in: 0..<columns.count, using: &dice), Int.random(in: 0..<columns.count, using: &dice))
            }
            lines[place] = Array(columns.joined(separator: separator))
        }
        return Array(lines.joined(separator: [0x0A]))
    }
}
