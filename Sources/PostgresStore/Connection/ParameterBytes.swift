#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The values of one statement in libpq's form. Single values are texts that end with a zero byte; arrays are binary.
struct ParameterBytes {
    private static let typeOfBigint: Int32 = 20
    private static let typeOfText: Int32 = 25

    private var bytes: [UInt8] = []
    private var starts: [Int?] = []
    private var lengths: [CInt] = []
    private var formats: [CInt] = []

    /// Throws for a text with U+0000, which PostgreSQL doesn't store and libpq would cut off.
    init(_ parameters: [QueryParameter]) throws {
        starts.reserveCapacity(parameters.count)
        for parameter in parameters { try append(parameter) }
    }

    /// The pointers are valid within `body`.
    func withPointers<Value>(
        _ body: (
            _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<CInt>?,
            _ formats: UnsafePointer<CInt>?, _ count: CInt
        ) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = starts.map { start in start.flatMap { start in base.map { $0 + start } } }
            return values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(values.baseAddress, lengths.baseAddress, formats.baseAddress, CInt(values.count))
                    }
                }
            }
        }
    }

    private mutating func append(_ parameter: QueryParameter) throws {
        let start = bytes.count
        switch parameter {
        case .null: return add(from: nil, isBinary: false)
        case .integer(let integer): append("\(integer)")
        case .text(let text):
            try Self.check(text)
            append(text)
        case .integers(let integers):
            appendHead(Self.typeOfBigint, integers)
            for integer in integers {
                guard let integer else {
                    append(Int32(-1))
                    continue
                }
                append(Int32(8))
                append(integer)
            }
            return add(from: start, isBinary: true)
        case .texts(let texts):
            appendHead(Self.typeOfText, texts)
            for text in texts {
                guard let text else {
                    append(Int32(-1))
                    continue
                }
                try Self.check(text)
                append(Int32(truncatingIfNeeded: text.utf8.count))
                bytes += text.utf8
            }
            return add(from: start, isBinary: true)
        }
        add(from: start, isBinary: false)
    }

    private mutating func add(from start: Int?, isBinary: Bool) {
        starts.append(start)
        lengths.append(CInt(truncatingIfNeeded: bytes.count - (start ?? bytes.count)))
        formats.append(isBinary ? 1 : 0)
    }

    private mutating func append(_ text: String) {
        bytes += text.utf8
        bytes.append(0)
    }

    private mutating func append(_ integer: some FixedWidthInteger) {
        withUnsafeBytes(of: integer.bigEndian) { bytes += $0 }
    }

    /// Dimensions, whether there are nulls, the type of the elements; then the length and the first index of the only
    /// dimension. An empty array has no dimension.
    private mutating func appendHead<Element>(_ type: Int32, _ elements: [Element?]) {
        append(Int32(elements.isEmpty ? 0 : 1))
        append(Int32(elements.contains { $0 == nil } ? 1 : 0))
        append(type)
        if !elements.isEmpty {
            append(Int32(truncatingIfNeeded: elements.count))
            append(Int32(1))
        }
    }

    private static func check(_ text: String) throws(PostgresFailure) {
        var text = text
        let hasZero = text.withUTF8 { bytes in bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false }
        guard !hasZero else {
            throw PostgresFailure(sqlState: .untranslatableCharacter, message: "a text contains U+0000")
        }
    }
}
