import Foundation
import Glibc
import PayCore
import PayTestSupport
import Testing

@testable import PayProviders

/// Temporary files, compressed files and GBK.
@Suite(.timeLimit(.minutes(2))) struct BillFileTests {
    private func inflate(_ source: some BillBytes) throws -> [UInt8] {
        var source = source
        var all: [UInt8] = []
        while let piece = try source.next() { all += piece }
        return all
    }

    @Test func `a temporary file has no name and keeps its content`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "spool-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try SpoolFile(in: folder)
        #expect(file.append([1, 2, 3]))
        #expect(file.append([4]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        #expect(file.count == 4)
        #expect(try file.read(from: 1, most: 10) == [2, 3, 4])
        #expect(try file.read(from: 4, most: 10) == [])
        try file.empty()
        #expect(file.count == 0)
        #expect(throws: BillFlaw.self) { try SpoolFile(in: "\(folder)/missing") }
    }

    @Test func `a gzip file is inflated in pieces, and checked by its own checksum`() throws {
        let content = Array(String(repeating: "`2022-03-21,`CNY\n", count: 20_000).utf8)
        let whole = try Python.run(
            "import sys,gzip; sys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read()))", content)
        #expect(try inflate(InflatedBytes(FileBytes(try .holding(whole)), .gzip)) == content)
        #expect(try inflate(InflatedBytes(MemoryBytes(whole), .gzip)) == content)
        for cut in [0, 1, 10, whole.count / 2, whole.count - 1] {
            #expect(throws: BillFlaw.self) {
                try inflate(InflatedBytes(MemoryBytes(Array(whole.prefix(cut))), .gzip))
            }
        }
        var changed = whole
        changed[whole.count - 6] ^= 1
        #expect(throws: BillFlaw.self) { try inflate(InflatedBytes(MemoryBytes(changed), .gzip)) }
        #expect(throws: BillFlaw.self) { try inflate(InflatedBytes(MemoryBytes(whole + [0]), .gzip)) }
        #expect(throws: BillFlaw.self) { try inflate(InflatedBytes(MemoryBytes(content), .gzip)) }
    }

    @Test func `a file that inflates beyond the limit is refused`() throws {
        let whole = try Python.run(
            "import sys,gzip; sys.stdout.buffer.write(gzip.compress(bytes(10_000_000)))", [])
        #expect(whole.count < 20_000)
        #expect(throws: BillFlaw("the file inflates to more than 9999999 bytes")) {
            try inflate(InflatedBytes(MemoryBytes(whole, pieceBytes: 4_096), .gzip, most: 9_999_999))
        }
        #expect(
            try inflate(InflatedBytes(MemoryBytes(whole, pieceBytes: 4_096), .gzip, most: 10_000_000)).count
                == 10_000_000)
    }

    private static let zip = """
        import sys, io, zipfile
        content = sys.stdin.buffer.read()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("sums.csv", b"sums", zipfile.ZIP_STORED)
            z.writestr("业务明细.csv", content, zipfile.ZIP_DEFLATED)
            z.comment = b"a comment"
        sys.stdout.buffer.write(out.getvalue())
        """

    @Test func `a zip file is read, deflated and stored, and checked by its checksum`() throws {
        let content = Array(String(repeating: "2019-09-16,0.01\n", count: 20_000).utf8)
        let whole = try Python.run(Self.zip, content)
        let archive = try ZipArchive(.holding(whole))
        #expect(archive.entries.map { String(decoding: $0.name, as: UTF8.self) } == ["sums.csv", "业务明细.csv"])
        #expect(archive.entries.map(\.isUTF8) == [false, true])
        #expect(try inflate(archive.bytes(of: archive.entries[0])) == Array("sums".utf8))
        #expect(try inflate(archive.bytes(of: archive.entries[1])) == content)
        var changed = whole
        let name = Array("sums.csvsums".utf8)
        let place = try #require(whole.indices.first { whole[$0...].starts(with: name) })
        changed[place + name.count - 1] ^= 1
        let damaged = try ZipArchive(.holding(changed))
        #expect(throws: BillFlaw("the file in the zip file is damaged")) {
            try inflate(damaged.bytes(of: damaged.entries[0]))
        }
    }

    @Test(arguments: [0, 3, 21, 22, 60]) func `a cut zip file is refused`(_ count: Int) throws {
        let whole = try Python.run(Self.zip, Array("content".utf8))
        #expect(throws: BillFlaw.self) { try ZipArchive(.holding(Array(whole.prefix(count)))) }
        #expect(throws: BillFlaw.self) { try ZipArchive(.holding(Array(whole.dropFirst(count + 1)))) }
    }

    @Test func `zip64, encryption and other methods are refused with their reasons`() throws {
        func change(_ bytes: [UInt8], at offset: Int, after signature: [UInt8]) throws -> SpoolFile {
            var changed = try Python.run(Self.zip, Array("content".utf8))
            let place = try #require(changed.indices.last { changed[$0...].starts(with: signature) })
            changed.replaceSubrange((place + offset)..<(place + offset + bytes.count), with: bytes)
            return try .holding(changed)
        }
        let (entry, end): ([UInt8], [UInt8]) = ([0x50, 0x4B, 1, 2], [0x50, 0x4B, 5, 6])
        let zip64 = BillFlaw("the zip file is in the zip64 format, which is not supported")
        #expect(throws: zip64) { try ZipArchive(change([0xFF, 0xFF], at: 10, after: end)) }
        #expect(throws: zip64) { try ZipArchive(change([0xFF, 0xFF, 0xFF, 0xFF], at: 20, after: entry)) }
        let encrypted = try ZipArchive(change([1], at: 8, after: entry))
        #expect(throws: BillFlaw("the zip file is encrypted")) { try encrypted.bytes(of: encrypted.entries[1]) }
        let other = try ZipArchive(change([12], at: 10, after: entry))
        #expect(throws: BillFlaw("the zip file is compressed by method 12, which is not supported")) {
            try other.bytes(of: other.entries[1])
        }
        #expect(throws: BillFlaw("the zip file has more entries than a bill")) {
            try ZipArchive(change([65, 0], at: 10, after: end))
        }
    }

    /// The property: no crash, and a file that is read has the content of the original.
    @Test func `10,000 mutated zip files are read as they were, or refused`() throws {
        let content = Array("2019091622001458860515315453,service_1568601259302,0.01\n".utf8)
        let whole = try Python.run(Self.zip, content)
        var dice = SplitMix(state: 20_261_129)
        let file = try SpoolFile(in: "/tmp")
        for round in 0..<10_000 {
            var changed = whole
            for _ in 0..<Int.random(in: 1...3, using: &dice) where !changed.isEmpty {
                let place = Int.random(in: 0..<changed.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
                case 1: changed[place] = UInt8.random(in: .min ... .max, using: &dice)
                case 2: changed.remove(at: place)
                default: changed = Array(changed.prefix(max(1, place)))
                }
            }
            try file.empty()
            #expect(file.append(changed))
            do throws(BillFlaw) {
                let archive = try ZipArchive(file)
                for entry in archive.entries {
                    var bytes = try archive.bytes(of: entry)
                    var all: [UInt8] = []
                    while let piece = try bytes.next() { all += piece }
                    #expect(all == content || all == Array("sums".utf8) || all == [], "round \(round)")
                }
            } catch {
                continue
            }
        }
    }

    @Test func `GBK is decoded, and a broken text is told`() throws {
        let gbk = try GBKText()
        #expect(gbk.decode([0xD2, 0xB5, 0xCE, 0xF1, 0xC3, 0xF7, 0xCF, 0xB8]) == "业务明细")
        #expect(gbk.decode(Array("trade_1".utf8)) == "trade_1")
        #expect(gbk.decode([0xA3, 0xA8, 0xD4, 0xAA, 0xA3, 0xA9]) == "（元）")
        #expect(gbk.decode([0xD2]) == nil)
        #expect(gbk.decode([0xFF, 0xFF]) == nil)
        // A broken text leaves nothing behind.
        #expect(gbk.decode([0xD2, 0xB5]) == "业")
    }

    @Test func `an amount of a bill has a sign and two decimals, and a fee up to six`() throws {
        #expect(try BillNumber.fen("-0.01", "c") == (1, true))
        #expect(try BillNumber.fen("12.3", "c") == (1_230, false))
        for text in ["", "-", "--1", "1,000.00", "0.001", "1e2", "１"] {
            #expect(throws: BillMistake("c", "not an amount")) { try BillNumber.fen(text, "c") }
        }
        #expect(BillNumber.micros("0.00600") == 6_000)
        #expect(BillNumber.micros("-1.25") == -1_250_000)
        #expect(BillNumber.micros("1") == 1_000_000)
        for text in ["", "-", "1.0000001", "1.", ".5", "1234567890123"] { #expect(BillNumber.micros(text) == nil) }
    }
}

/// Python's own libraries make the files of these tests.
enum Python {
    struct Failure: Error {}

    static func run(_ program: String, _ input: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        let (reading, writing) = (Pipe(), Pipe())
        process.standardInput = writing
        process.standardOutput = reading
        try process.run()
        let writer = Thread {
            try? writing.fileHandleForWriting.write(contentsOf: Data(input))
            try? writing.fileHandleForWriting.close()
        }
        writer.start()
        let output = try reading.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
        return Array(output)
    }
}
