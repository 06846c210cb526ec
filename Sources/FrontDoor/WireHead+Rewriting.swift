import NIOCore

extension WireHead {
    /// The head in the form that the decoder may see: HTTP/1.1, with a path as its target, and without hop-by-hop
    /// fields.
    ///
    /// These fields must not reach swift-nio's HTTPDecoder (2.101). After a request with `Connection: upgrade` and
    /// `Upgrade` it stops parsing for good and buffers all further input without a limit. It also treats
    /// `Proxy-Connection` as `Connection`. Nor may they reach Hummingbird (2.28), which closes a connection only if the
    /// field is exactly `close`. The front door closes connections by itself.
    ///
    /// - Parameter bytes: the bytes of the request, starting with this head.
    static func rewritten(_ bytes: ByteBuffer) -> ByteBuffer? {
        var text = ByteBuffer()
        text.reserveCapacity(bytes.readableBytes)
        let isWhole = bytes.withUnsafeReadableBytes { bytes in
            var reader = HeadReader(bytes)
            do throws(HeadReader.Stop) {
                try write(&reader, to: &text)
                return true
            } catch {
                return false
            }
        }
        return isWhole ? text : nil
    }

    private static func write(_ reader: inout HeadReader, to text: inout ByteBuffer) throws(HeadReader.Stop) {
        let line = try reader.line()
        guard let target = WireTarget(line.target) else { throw .refused(.malformed) }
        text.writeBytes(line.method)
        text.writeStaticString(" ")
        if target.path.first != UInt8(ascii: "/"), target.isAbsolute { text.writeStaticString("/") }
        text.writeBytes(target.path)
        text.writeStaticString(" HTTP/1.1\r\n")
        if let authority = target.authority { text.writeField("Host", authority) }
        while let field = try reader.field() {
            switch WireField(field.name) {
            case .connection, .hopByHop: continue
            // RFC 9110, section 10.1.1: an HTTP/1.0 client would take a 100 for the final response.
            case .expect where line.isHTTP10: continue
            // RFC 9112, section 3.2.2: the host of an absolute target overrides `Host`.
            case .host where target.isAbsolute: continue
            default: text.writeField(field.name, field.value)
            }
        }
        text.writeStaticString("\r\n")
    }
}

extension ByteBuffer {
    fileprivate mutating func writeField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        writeBytes(name)
        writeStaticString(": ")
        writeBytes(value)
        writeStaticString("\r\n")
    }

    fileprivate mutating func writeField(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        writeStaticString(name)
        writeStaticString(": ")
        writeBytes(value)
        writeStaticString("\r\n")
    }
}
