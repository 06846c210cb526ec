import Testing

@testable import PayProviders

@Suite struct BillLinesTests {
    private func lines(_ text: String, pieceBytes: Int = 3) throws -> [String] {
        var lines = BillLines(MemoryBytes(Array(text.utf8), pieceBytes: pieceBytes))
        var read: [String] = []
        while let line = try lines.next() {
            switch line {
            case .line(let bytes): read.append(String(decoding: bytes, as: UTF8.self))
            case .tooLong: read.append("too long")
            }
        }
        return read
    }

    @Test(arguments: 1...12)
    func `lines are the same in pieces of any size`(_ pieceBytes: Int) throws {
        #expect(try lines("one\r\n\ntwo\nthree", pieceBytes: pieceBytes) == ["one", "", "two", "three"])
        #expect(try lines("one\n", pieceBytes: pieceBytes) == ["one"])
        #expect(try lines("", pieceBytes: pieceBytes) == [])
    }

    @Test func `a line up to the limit is whole, and a longer one is told without its content`() throws {
        let whole = String(repeating: "7", count: BillLimits.lineBytes)
        #expect(try lines("a\n\(whole)\nb\n", pieceBytes: 4_096) == ["a", whole, "b"])
        #expect(try lines("a\n\(whole)7\nb\n", pieceBytes: 4_096) == ["a", "too long", "b"])
        #expect(try lines("a\n\(whole)7", pieceBytes: 4_096) == ["a", "too long"])
    }
}
