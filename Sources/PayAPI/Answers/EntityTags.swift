import HTTPTypes
package import Hummingbird

extension Request {
    /// Whether `If-None-Match` names the entity tag, so that the client need not be sent the content again.
    package func names(_ tag: String) -> Bool {
        let known = headers[values: .ifNoneMatch].joined(separator: ",").split(separator: ",")
        // A proxy that compresses weakens the tag. `If-None-Match` uses weak comparison anyway (RFC 9110, 13.1.2).
        return known.contains { [tag, "W/\(tag)", "*"].contains(String($0.filter { $0 != " " })) }
    }
}
