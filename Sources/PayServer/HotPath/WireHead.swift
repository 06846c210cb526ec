import NIOCore
import PayCore

/// The head of a request as it came over the wire: where it ends, how long the body behind it is, and what the fast lane
/// takes of it.
///
/// The decoder behind the fast lane must see the same end: if it counted other bytes to a request, the next one would begin
/// elsewhere. So whatever two readers could take for two things isn't read here at all.
struct WireHead {
    enum Reading {
        case whole(WireHead)
        /// Its end hasn't come in.
        case incomplete
        /// Only the decoder knows what this is, and where it ends.
        case unclear
    }

    /// In bytes, with the empty line.
    let length: Int
    /// In bytes.
    let bodyLength: Int
    /// Nil for what the routes have to look at.
    let request: FastRequest?

    static func read(_ bytes: ByteBuffer) -> Reading {
        bytes.withUnsafeReadableBytes { bytes in
            var reader = HeadReader(bytes)
            do throws(HeadReader.Stop) {
                return .whole(try WireHead(&reader))
            } catch {
                switch error {
                case .incomplete: return .incomplete
                case .unclear: return .unclear
                }
            }
        }
    }

    private init(_ reader: inout HeadReader) throws(HeadReader.Stop) {
        let (name, target) = try reader.requestLine()
        guard let method = WireMethod(name) else { throw .unclear }
        var fields = WireFields()
        while let field = try reader.field() { try fields.take(field.name, field.value) }
        length = reader.place
        bodyLength = fields.bodyLength ?? 0
        request = FastRequest(method, target, fields)
    }
}

/// A method that the decoder knows, and that says nothing of where a request ends.
enum WireMethod {
    case get, post, head, options

    init?(_ name: UnsafeRawBufferPointer) {
        if name.elementsEqual("GET".utf8) {
            self = .get
        } else if name.elementsEqual("POST".utf8) {
            self = .post
        } else if name.elementsEqual("HEAD".utf8) {
            self = .head
        } else if name.elementsEqual("OPTIONS".utf8) {
            self = .options
        } else {
            return nil
        }
    }
}

/// What a head's fields say to the fast lane.
struct WireFields {
    private(set) var authorization, accept, contentType, requestID: String?
    /// In bytes; nil when no field tells.
    private(set) var bodyLength: Int?
    /// Nothing asks for more than a plain call does, or stands there twice.
    private(set) var arePlain = true

    /// No body is so long that more digits were needed.
    private static let mostDigits = 9

    mutating func take(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(HeadReader.Stop) {
        switch WireField(name) {
        case .authorization: arePlain = Self.store(value, in: &authorization) && arePlain
        case .accept: arePlain = Self.store(value, in: &accept) && arePlain
        case .contentType: arePlain = Self.store(value, in: &contentType) && arePlain
        case .requestID: arePlain = Self.store(value, in: &requestID) && arePlain
        case .connection: arePlain = arePlain && value.isWord("keep-alive")
        case .contentLength:
            guard bodyLength == nil, let length = Self.number(value) else { throw .unclear }
            bodyLength = length
        case .routes: arePlain = false
        case .framing: throw .unclear
        case .unimportant: break
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

/// What a field means to the fast lane.
private enum WireField {
    case authorization, accept, connection, contentLength, contentType, requestID
    /// The routes know what it asks for.
    case routes
    /// It changes where the request ends, or what comes behind it.
    case framing
    /// It changes nothing of the answer.
    case unimportant

    init(_ name: UnsafeRawBufferPointer) {
        self =
            switch name.count {
            case 6 where name.isWord("accept"): .accept
            case 6 where name.isWord("expect") || name.isWord("origin"): .routes
            case 7 where name.isWord("upgrade"): .framing
            case 10 where name.isWord("connection"): .connection
            case 12 where name.isWord("content-type"): .contentType
            case 12 where name.isWord("x-request-id"): .requestID
            case 13 where name.isWord("authorization"): .authorization
            case 13 where name.isWord("if-none-match"): .routes
            case 14 where name.isWord("content-length"): .contentLength
            case 15 where name.isWord("idempotency-key"): .routes
            // The decoder takes it for `Connection`.
            case 16 where name.isWord("proxy-connection"): .routes
            case 17 where name.isWord("transfer-encoding"): .framing
            default: .unimportant
            }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether this is the word, in any case.
    ///
    /// - Parameter word: of lower letters and hyphens.
    fileprivate func isWord(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<count {
            // The bit that a capital lacks. What else lacks it and would pass for a hyphen then, no field has.
            guard self[offset] | 0x20 == word.utf8Start[offset] else { return false }
        }
        return true
    }
}
