import CZlib

/// Compression with zlib. All unsafe pointers to zlib are in this file.
enum Gzip {
    enum Effort: Int32, Sendable {
        /// For pages that are drawn at every visit: almost as small in a third of the time.
        case quick = 4
        /// For files that are compressed once.
        case smallest = 9
    }

    /// One gzip member. Nil if it would not be smaller.
    static func compressed(_ bytes: [UInt8], _ effort: Effort) -> [UInt8]? {
        guard let most = UInt32(exactly: bytes.count) else { return nil }
        // zlib keeps the address of the stream, so that the stream must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard czlib_begin_gzip_output(stream, effort.rawValue) == Z_OK else { return nil }
        defer { deflateEnd(stream) }
        var isWhole = false
        let output = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, initialized in
            bytes.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = most
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = most
                isWhole = deflate(stream, Z_FINISH) == Z_STREAM_END
                initialized = isWhole ? bytes.count - Int(stream.pointee.avail_out) : 0
            }
        }
        return isWhole ? output : nil
    }
}
