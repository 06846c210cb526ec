package import NIOCore
import PayCore

/// The head of a request as it came over the wire: its length, the framing of the body behind it, what it says about the
/// connection, and the parts that a byte lane reads.
package struct WireHead {
    package enum Reading {
        case whole(WireHead)
        /// The end of the head has not arrived.
        case incomplete
        case refused(DoorRefusal)
    }

    package enum Body: Equatable {
        /// In bytes; 0 for no body.
        case length(Int)
        case chunked
    }

    /// In bytes, with the empty line.
    package let length: Int
    package let body: Body
    let isHTTP10: Bool
    /// Whether the client wants the connection to stay open after the answer.
    let keepsAlive: Bool
    let hasAuthorization: Bool
    /// Whether the decoder must not see the head as it is: see ``rewritten(_:)``.
    let needsRewriting: Bool
    /// Whether the head asks for nothing but a plain call: see ``WireFields/arePlain``. A byte lane may answer it.
    package let isPlain: Bool
    /// Where the head's bytes have the method.
    package let method: Range<Int>
    /// Where the head's bytes have the target.
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
        // A single blank stands between the two.
        method = 0..<line.method.count
        self.target = line.method.count + 1..<line.method.count + 1 + line.target.count
        self.fields = fields
    }
}

/// A request's target (RFC 9112, section 3.2).
struct WireTarget {
    /// Nil for a path, or `*`: `Host` names the host then.
    let authority: UnsafeRawBufferPointer?
    /// With the query. Empty where an absolute target has no path.
    let path: UnsafeRawBufferPointer

    var isAbsolute: Bool { authority != nil }

    /// Nil for anything else than a path, an absolute URL over http or https, or `*`.
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
    /// In bytes; nil when no field tells.
    private(set) var bodyLength: Int?
    private(set) var isChunked = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var needRewriting = false
    /// Whether no field asks for more than a plain call does, and none comes twice.
    private(set) var arePlain = true
    private var hosts = 0
    private var hasBadHost = false
    private var hasOtherExpectation = false
    private var count = 0

    /// No body is so long that more digits were needed.
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

    /// Judges the head as a whole.
    func check(isHTTP10: Bool) throws(HeadReader.Stop) {
        // RFC 9112, section 6.1: both, or chunks in HTTP/1.0, are how requests are smuggled.
        guard !isChunked || bodyLength == nil && !isHTTP10 else { throw .refused(.malformed) }
        // RFC 9112, section 3.2.
        guard hosts == 1 || hosts == 0 && isHTTP10, !hasBadHost else { throw .refused(.host) }
        // RFC 9110, section 10.1.1: HTTP/1.0 has no expectations.
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

    /// False when the field stood there before.
    private static func store(_ value: UnsafeRawBufferPointer, in field: inout String?) -> Bool {
        defer { field = String(decoding: value, as: UTF8.self) }
        return field == nil
    }

    private static func number(_ digits: UnsafeRawBufferPointer) -> Int? {
        guard (1...mostDigits).contains(digits.count) else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }
}

/// The meaning of a field for the front door and a byte lane.
enum WireField {
    case authorization, accept, connection, contentLength, contentType, expect, host, requestID, transferEncoding
    /// It is about the connection alone, and kept from the decoder.
    case hopByHop
    /// The routes know what it asks for.
    case routes
    /// It changes nothing of the answer.
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
            // The decoder takes it for `Connection`.
            case 16 where name.isWord("proxy-connection"): .hopByHop
            case 17 where name.isWord("transfer-encoding"): .transferEncoding
            default: .unimportant
            }
    }
}

extension Collection<UInt8> {
    /// Whether this is the word, in any case.
    ///
    /// - Parameter word: in lower case.
    func isWord(_ word: StaticString) -> Bool {
        var offset = 0
        for byte in self {
            guard offset < word.utf8CodeUnitCount else { return false }
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            guard (isUpper ? byte | 0x20 : byte) == word.utf8Start[offset] else { return false }
            offset += 1
        }
        return offset == word.utf8CodeUnitCount
    }
}
