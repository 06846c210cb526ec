package import FoundationEssentials
package import HTTPTypes
package import Hummingbird
import NIOCore
package import PayCore

/// Builds JSON responses with a stable order of keys. Caches on the way may not store them.
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

    /// The JSON on one line.
    package static func bytes(_ body: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(body) else {
            // Responses are plain structs of strings and integers, which JSON can always represent.
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
    package static let traceparent = Self("traceparent")!
    package static let referrerPolicy = Self("Referrer-Policy")!
    package static let forwardedFor = Self("X-Forwarded-For")!
}

/// A time in the API's format: RFC 3339, UTC, whole seconds, rounded down.
package struct Timestamp: Encodable {
    package let instant: Instant

    package init(_ instant: Instant) {
        self.instant = instant
    }

    package var text: String { CivilTime(instant).text { $0.writeTimestamp(to: &$1) } }

    /// Reads an RFC 3339 time with any offset, to the millisecond. Nil for any other text.
    package static func parse(_ text: String) -> Instant? { CivilTime(rfc3339: text)?.instant }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
