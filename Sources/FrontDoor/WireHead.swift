package import NIOCore
import PayCore

/// The parsed head of a request: its length, the framing of its body, its connection fields, and the fields that a byte
/// lane uses.
package struct WireHead {
    package enum Reading {
        case whole(WireHead)
        /// The end of the head has not arrived.
        case incomplete
        case refused(DoorRefusal)
    }

    package enum Body: Equatable {
        /// The body's length in bytes; 0 for no body.
        case length(Int)
        case chunked
    }

    /// In bytes, including the empty line.
    package let length: Int
    package let body: Body
    let isHTTP10: Bool
    /// Whether the client wants to reuse the connection.
    let keepsAlive: Bool
    let hasAuthorization: Bool
    /// Whether the decoder needs a rewritten head: see ``rewritten(_:)``.
    let needsRewriting: Bool
    /// Whether the head asks only for a plain call: see ``WireFields/arePlain``. Only then may a byte lane answer it.
    package let isPlain: Bool
    /// The position of the method in the head's bytes.
    package let method: Range<Int>
    /// The position of the target in the head's bytes.
    package let target: Range<Int>
    package let fields: WireFields

    package static func read(_ bytes: ByteBuffer) -> Reading {
        bytes.withUnsafeReadableBytes { bytes in
            var reader = HeadReader(bytes)
            do throws(HeadReader.Stop) {
                let head = try WireHead(&reader)
                return head.length <= DoorLimits.longestHead ? .whole(head) : .refused(.headTooLong)
            } catch {
                switch error {
                case .incomplete where bytes.count < DoorLimits.longestHead: return .incomplete
                case .incomplete: return .refused(.headTooLong)
                case .refused(let refusal): return .refused(refusal)
                }
            }
        }
    }

    private init(_ reader: inout HeadReader) throws(HeadReader.Stop) {
        let line = try reader.line()
        guard !line.method.elementsEqual("CONNECT".utf8) else { throw .refused(.connect) }
        guard let target = WireTarget(line.target) else { throw .refused(.malformed) }
        var fields = WireFields()
        while let field = try reader.field() { try fields.take(field) }
        try fields.check(isHTTP10: line.isHTTP10)
        length = reader.place
        body = fields.isChunked ? .chunked : .length(fields.bodyLength ?? 0)
        isHTTP10 = line.isHTTP10
        keepsAlive = line.isHTTP10 ? fields.saysKeepAlive && !fields.saysClose : !fields.saysClose
        hasAuthorization = fields.authorization != nil
        needsRewriting = line.isHTTP10 || fields.needRewriting || target.isAbsolute
        isPlain = fields.arePlain && !needsRewriting && !fields.isChunked
        // One blank separates the method and the target.
        method = 0..<line.method.count
        self.target = line.method.count + 1..<line.method.count + 1 + line.target.count
        self.fields = fields
    }
}

/// A request's target (RFC 9112, section 3.2).
struct WireTarget {
    /// Nil for a path or `*`, whose host is in `Host`.
    let authority: UnsafeRawBufferPointer?
    /// The path and the query. Empty if an absolute target has no path.
    let path: UnsafeRawBufferPointer

    var isAbsolute: Bool { authority != nil }

    /// Nil for anything but a path, an absolute http or https URL, or `*`.
    init?(_ target: UnsafeRawBufferPointer) {
        if target.first == UInt8(ascii: "/") || target.elementsEqual("*".utf8) {
            (authority, path) = (nil, target)
            return
        }
        let schemes: [StaticString] = ["http://", "https://"]
        guard let scheme = schemes.first(where: { target.prefix($0.utf8CodeUnitCount).isWord($0) }) else { return nil }
        let rest = target.dropFirst(scheme.utf8CodeUnitCount)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let host = UnsafeRawBufferPointer(rebasing: rest[..<end])
        guard HostValue.isValid(host) else { return nil }
        authority = host
        path = UnsafeRawBufferPointer(rebasing: rest[end...])
    }
}

/// The fields of a head that the front door and a byte lane use.
package struct WireFields {
    package private(set) var authorization, accept, contentType, requestID: String?
    /// In bytes; nil if no field states the length.
    private(set) var bodyLength: Int?
    private(set) var isChunked = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var needRewriting = false
    /// Whether no field requires the routes, and no field that a byte lane reads is repeated.
    private(set) var arePlain = true
    private var hosts = 0
    private var hasBadHost = false
    private var hasOtherExpectation = false
    private var count = 0

    /// In decimal digits. No real length needs more.
    private static let mostDigits = 18

    mutating func take(_ field: HeadReader.Field) throws(HeadReader.Stop) {
        count += 1
        guard count <= DoorLimits.mostFields else { throw .refused(.headTooLong) }
        let value = field.value
        if field.hadTrailingBlanks { needRewriting = true }
        switch WireField(field.name) {
        case .authorization: arePlain = Self.store(value, in: &authorization) && arePlain
        case .accept: arePlain = Self.store(value, in: &accept) && arePlain
        case .contentType: arePlain = Self.store(value, in: &contentType) && arePlain
        case .requestID: arePlain = Self.store(value, in: &requestID) && arePlain
        case .host:
            hosts += 1
            hasBadHost = hasBadHost || !HostValue.isValid(value)
        case .connection: takeConnection(value)
        case .contentLength:
            guard bodyLength == nil, let length = Self.number(value) else { throw .refused(.malformed) }
            bodyLength = length
        case .transferEncoding:
            guard !isChunked, value.isWord("chunked") else { throw .refused(.malformed) }
            isChunked = true
        case .expect:
            arePlain = false
            hasOtherExpectation = hasOtherExpectation || !value.isWord("100-continue")
        case .hopByHop: needRewriting = true
        case .routes: arePlain = false
        case .unimportant: break
        }
    }

    /// Checks the rules that concern several fields.
    func check(isHTTP10: Bool) throws(HeadReader.Stop) {
        // RFC 9112, section 6.1: a length together with chunks, or chunks in HTTP/1.0, enable request smuggling.
        guard !isChunked || bodyLength == nil && !isHTTP10 else { throw .refused(.malformed) }
        // RFC 9112, section 3.2.
        guard hosts == 1 || hosts == 0 && isHTTP10, !hasBadHost else { throw .refused(.host) }
        // RFC 9110, section 10.1.1: HTTP/1.0 has no expectations, so they are ignored.
        guard !hasOtherExpectation || isHTTP10 else { throw .refused(.expectation) }
    }

    private mutating func takeConnection(_ value: UnsafeRawBufferPointer) {
        if value.isWord("keep-alive") {
            saysKeepAlive = true
            return
        }
        needRewriting = true
        for part in value.split(separator: UInt8(ascii: ",")) {
            let token = part.drop(while: HeadReader.isBlank).prefix { !HeadReader.isBlank($0) }
            if token.isWord("close") { saysClose = true }
            if token.isWord("keep-alive") { saysKeepAlive = true }
        }
    }

    /// Returns false if the field occurred before.
    private static func store(_ value: UnsafeRawBufferPointer, in field: inout String?) -> Bool {
        defer { field = String(decoding: value, as: UTF8.self) }
        return field == nil
    }

    private static func number(_ digits: UnsafeRawBufferPointer) -> Int? {
        guard (1...mostDigits).contains(digits.count), digits.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int(digits.decimalNumber)
    }
}

/// The role of a field for the front door and a byte lane.
enum WireField {
    case authorization, accept, connection, contentLength, contentType, expect, host, requestID, transferEncoding
    /// The field concerns only the connection and is hidden from the decoder.
    case hopByHop
    /// Only the routes handle the field.
    case routes
    /// The field does not affect the response.
    case unimportant

    init(_ name: UnsafeRawBufferPointer) {
        self =
            switch name.count {
            case 4 where name.isWord("host"): .host
            case 6 where name.isWord("accept"): .accept
            case 6 where name.isWord("expect"): .expect
            case 6 where name.isWord("origin"): .routes
            case 7 where name.isWord("upgrade"): .hopByHop
            case 10 where name.isWord("connection"): .connection
            case 12 where name.isWord("content-type"): .contentType
            case 12 where name.isWord("x-request-id"): .requestID
            case 13 where name.isWord("authorization"): .authorization
            case 13 where name.isWord("if-none-match"): .routes
            case 14 where name.isWord("content-length"): .contentLength
            case 14 where name.isWord("http2-settings"): .hopByHop
            case 15 where name.isWord("idempotency-key"): .routes
            // The decoder treats the field as `Connection`.
            case 16 where name.isWord("proxy-connection"): .hopByHop
            case 17 where name.isWord("transfer-encoding"): .transferEncoding
            default: .unimportant
            }
    }
}

extension Collection<UInt8> {
    /// Whether the bytes are this word, ignoring case.
    ///
    /// - Parameter word: the word in lower case.
    func isWord(_ word: StaticString) -> Bool {
        var offset = 0
        for byte in self {
            guard offset < word.utf8CodeUnitCount else { return false }
            let isUpper = byte.isASCIIUppercase
            guard (isUpper ? byte | 0x20 : byte) == word.utf8Start[offset] else { return false }
            offset += 1
        }
        return offset == word.utf8CodeUnitCount
    }
}
