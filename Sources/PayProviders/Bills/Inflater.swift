import CZlib

/// Inflates a stream with zlib. All unsafe pointers to zlib are in this file.
final class Inflater {
    enum Form {
        /// Data of a zip entry, without header and trailer.
        case raw
        /// A gzip file. zlib checks its trailer.
        case gzip
    }

    // zlib keeps the address of the stream, so that the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isAtEnd = false

    init(_ form: Form) throws(BillFlaw) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code =
            switch form {
            case .raw: czlib_begin_raw(stream)
            case .gzip: czlib_begin_gzip(stream)
            }
        guard code == Z_OK else {
            stream.deallocate()
            throw BillFlaw("zlib failed with code \(code)")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Inflates the front of `input`. Returns the output, of at most `most` bytes, and the number of bytes consumed.
    func inflate(_ input: ArraySlice<UInt8>, most: Int) throws(BillFlaw) -> (output: [UInt8], consumed: Int) {
        var code = Z_OK
        var consumed = 0
        let output = [UInt8](unsafeUninitializedCapacity: most) { buffer, initialized in
            input.withUnsafeBytes { bytes in
                let first = bytes.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.next_in = UnsafeMutablePointer(mutating: first)
                stream.pointee.avail_in = UInt32(bytes.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(most)
                code = CZlib.inflate(stream, Z_NO_FLUSH)
                consumed = bytes.count - Int(stream.pointee.avail_in)
                initialized = most - Int(stream.pointee.avail_out)
            }
        }
        switch code {
        case Z_OK: break
        case Z_STREAM_END: isAtEnd = true
        // No progress is possible without more input.
        case Z_BUF_ERROR: break
        default: throw BillFlaw("the compressed data is damaged")
        }
        return (output, consumed)
    }
}

/// Inflates the bytes of another source.
struct InflatedBytes<Source: BillBytes>: BillBytes {
    private var source: Source
    private let inflater: Inflater
    private var input: ArraySlice<UInt8> = []
    /// Whether zlib may hold more output of the input that it has consumed.
    private var mayHoldOutput = false
    private var inflated = 0
    private let most: Int

    init(
        _ source: Source, _ form: Inflater.Form, most: Int = BillLimits.inflatedBytes
    ) throws(BillFlaw) {
        self.source = source
        self.most = most
        inflater = try Inflater(form)
    }

    mutating func next() throws(BillFlaw) -> [UInt8]? {
        if inflater.isAtEnd { return nil }
        if input.isEmpty, !mayHoldOutput {
            guard let piece = try source.next() else { throw BillFlaw("the compressed data ends too early") }
            input = piece[...]
        }
        let (output, consumed) = try inflater.inflate(input, most: BillLimits.pieceBytes)
        input = input.dropFirst(consumed)
        mayHoldOutput = output.count == BillLimits.pieceBytes
        inflated += output.count
        guard inflated <= most else { throw BillFlaw("the file inflates to more than \(most) bytes") }
        if inflater.isAtEnd {
            guard input.isEmpty, try source.next() == nil else { throw BillFlaw("data follows the compressed data") }
        }
        return output
    }
}

/// The CRC-32 of zip entries.
struct CRC32 {
    private(set) var value: UInt32 = 0

    mutating func add(_ bytes: [UInt8]) {
        value = UInt32(truncatingIfNeeded: crc32(UInt(value), bytes, UInt32(bytes.count)))
    }
}
