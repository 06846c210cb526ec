import Foundation
import Tracing

/// A batch of spans as OTLP's JSON (`ExportTraceServiceRequest`): ids in hexadecimal, 64-bit integers as strings.
struct OTLPMessage: Encodable {
    let resourceSpans: [ResourceSpans]

    struct ResourceSpans: Encodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    struct Resource: Encodable {
        let attributes: [KeyValue]
    }

    struct ScopeSpans: Encodable {
        let scope: Scope
        let spans: [Span]
    }

    struct Scope: Encodable {
        let name: String
        let version: String
    }

    struct Span: Encodable {
        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        let kind: Int
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [KeyValue]
        let events: [Event]?
        let links: [Link]?
        let status: Status?
    }

    struct Event: Encodable {
        let timeUnixNano: String
        let name: String
        let attributes: [KeyValue]
    }

    struct Link: Encodable {
        let traceId: String
        let spanId: String
    }

    /// The code is 1 for OK and 2 for an error.
    struct Status: Encodable {
        let code: Int
        let message: String?
    }

    struct KeyValue: Encodable {
        let key: String
        let value: Value
    }

    enum Value: Encodable {
        case string(String)
        case int(Int64)
        case double(Double)
        case bool(Bool)

        private enum CodingKeys: String, CodingKey { case stringValue, intValue, doubleValue, boolValue }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .string(let text): try container.encode(text, forKey: .stringValue)
            case .int(let number): try container.encode(String(number), forKey: .intValue)
            case .double(let number): try container.encode(number, forKey: .doubleValue)
            case .bool(let truth): try container.encode(truth, forKey: .boolValue)
            }
        }
    }

    /// The bytes of the request's body. Nil if a value can't be written.
    var bytes: [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map(Array.init)
    }
}

extension OTLPMessage {
    init(_ spans: [EndedSpan], of service: TracedService) {
        resourceSpans = [
            ResourceSpans(
                resource: Resource(attributes: service.attributes),
                scopeSpans: [
                    ScopeSpans(
                        scope: Scope(name: service.name, version: service.version), spans: spans.map(Span.init))
                ])
        ]
    }
}

/// The service in the resource of each span.
package struct TracedService: Sendable {
    let name: String
    let version: String
    let instance: String

    package init(name: String, version: String, instance: String) {
        self.name = name
        self.version = version
        self.instance = instance
    }

    fileprivate var attributes: [OTLPMessage.KeyValue] {
        [("service.name", name), ("service.version", version), ("service.instance.id", instance)].map {
            OTLPMessage.KeyValue(key: $0, value: .string($1))
        }
    }
}

extension OTLPMessage.Span {
    fileprivate init(_ span: EndedSpan) {
        traceId = span.context.traceID.text
        spanId = span.context.id.text
        parentSpanId = span.parent?.text
        name = span.name
        kind = span.kind.number
        startTimeUnixNano = String(span.startedAt)
        endTimeUnixNano = String(span.endedAt)
        attributes = span.attributes.list
        let events = span.events.map {
            OTLPMessage.Event(
                timeUnixNano: String($0.nanosecondsSinceEpoch), name: $0.name, attributes: $0.attributes.list)
        }
        self.events = events.isEmpty ? nil : events
        let links = span.links.map { OTLPMessage.Link(traceId: $0.traceID.text, spanId: $0.id.text) }
        self.links = links.isEmpty ? nil : links
        status = span.status.map { OTLPMessage.Status(code: $0.code == .ok ? 1 : 2, message: $0.message) }
    }
}

extension SpanKind {
    fileprivate var number: Int {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}

extension SpanAttributes {
    /// Sorted by key.
    fileprivate var list: [OTLPMessage.KeyValue] {
        var list: [OTLPMessage.KeyValue] = []
        forEach { key, attribute in list.append(OTLPMessage.KeyValue(key: key, value: .init(attribute))) }
        return list.sorted { $0.key < $1.key }
    }
}

extension OTLPMessage.Value {
    fileprivate init(_ attribute: SpanAttribute) {
        switch attribute {
        case .int32(let number): self = .int(Int64(number))
        case .int64(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .bool(let truth): self = .bool(truth)
        case .string(let text): self = .string(text)
        case .stringConvertible(let value): self = .string(value.description)
        // Lists are not used. The type is open to new cases.
        default: self = .string("\(attribute)")
        }
    }
}
