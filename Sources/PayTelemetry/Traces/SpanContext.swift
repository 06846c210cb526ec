import PayCore
package import Tracing

/// The id of a trace: 16 bytes, not all zero.
package struct TraceID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// A new random id.
    init() {
        (high, low) = (.random(in: 0 ... .max), .random(in: 1 ... .max))
    }

    /// In lower-case hexadecimal digits.
    package var text: String { high.hexadecimal + low.hexadecimal }
}

/// The id of a span: 8 bytes, not all zero.
package struct SpanID: Hashable, Sendable {
    let number: UInt64

    init?(_ number: UInt64) {
        guard number != 0 else { return nil }
        self.number = number
    }

    /// A new random id.
    init() {
        number = .random(in: 1 ... .max)
    }

    /// In lower-case hexadecimal digits.
    package var text: String { number.hexadecimal }
}

/// The place of a span in its trace, as W3C Trace Context passes it between services.
package struct SpanContext: Hashable, Sendable {
    package let traceID: TraceID
    package let id: SpanID
    /// Whether the spans of the trace are recorded.
    package let isSampled: Bool

    /// The value of the header `traceparent`.
    package var traceparent: String { "00-\(traceID.text)-\(id.text)-\(isSampled ? "01" : "00")" }

    init(_ traceID: TraceID, _ id: SpanID, isSampled: Bool) {
        self.traceID = traceID
        self.id = id
        self.isSampled = isSampled
    }

    /// Reads `traceparent`. A later version may have more fields behind the four of version 00. Nil for any other text,
    /// which the standard says to ignore.
    package init?(traceparent text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, parts.map(\.utf8.count).prefix(4) == [2, 32, 16, 2],
            let version = UInt64(hexadecimal: parts[0]), version != 0xFF, version > 0 || parts.count == 4,
            let high = UInt64(hexadecimal: String(parts[1].prefix(16))),
            let low = UInt64(hexadecimal: String(parts[1].suffix(16))), let traceID = TraceID(high: high, low: low),
            let id = UInt64(hexadecimal: parts[2]).flatMap(SpanID.init), let flags = UInt64(hexadecimal: parts[3])
        else { return nil }
        self.init(traceID, id, isSampled: flags & 1 == 1)
    }
}

private enum SpanContextKey: ServiceContextKey {
    typealias Value = SpanContext
    static let nameOverride: String? = "traceparent"
}

extension ServiceContext {
    /// The span whose work this is.
    package var spanContext: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }
}

extension UInt64 {
    /// 16 lower-case digits.
    fileprivate var hexadecimal: String {
        String(decoding: (0..<16).map { Hexadecimal.digit(self >> (60 - 4 * $0)) }, as: UTF8.self)
    }

    /// Reads lower-case digits only, as Trace Context demands.
    fileprivate init?(hexadecimal text: String) {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else { return nil }
        self.init(text, radix: 16)
    }
}
