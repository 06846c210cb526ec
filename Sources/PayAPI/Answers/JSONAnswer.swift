package import FoundationEssentials
package import HTTPTypes
package import Hummingbird
import NIOCore
package import PayCore

/// JSON over HTTP: stable order, nothing cached on the way.
package enum JSONAnswer {
    package static func response(
        _ body: some Encodable, status: HTTPResponse.Status = .ok, contentType: String = usualType
    ) -> Response {
        response(bytes: bytes(body), status: status, contentType: contentType)
    }

    package static func response(
        bytes: some Sequence<UInt8>, status: HTTPResponse.Status, contentType: String = usualType
    ) -> Response {
        Response(
            status: status, headers: fields(contentType), body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    package static func fields(_ contentType: String = usualType) -> HTTPFields {
        [.contentType: contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
    }

    private static let usualType = "application/json"

    /// The answer on one line.
    package static func bytes(_ body: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(body) else {
            // Plain structs of strings and integers: there is nothing in them that JSON can't say.
            preconditionFailure("an answer could not be encoded")
        }
        return json
    }
}

extension HTTPField.Name {
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotentReplayed = Self("Idempotent-Replayed")!
    package static let cacheStatus = Self("Cache-Status")!
    package static let requestID = Self("X-Request-Id")!
    package static let referrerPolicy = Self("Referrer-Policy")!
    static let forwardedFor = Self("X-Forwarded-For")!
}

/// Times as the API writes them: RFC 3339, UTC, whole seconds, what is finer cut off.
package struct Timestamp: Encodable {
    package let instant: Instant

    package init(_ instant: Instant) {
        self.instant = instant
    }

    package var text: String {
        var bytes: [UInt8] = []
        CivilTime(instant).writeTimestamp(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
