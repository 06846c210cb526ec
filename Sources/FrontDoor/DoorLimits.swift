import HTTPTypes
import PayAPI

/// The limits of a connection, and how the front door handles each case. docs/operations/reverse-proxy.md lists the
/// same cases.
///
/// | case | what happens |
/// |---|---|
/// | `Upgrade`, `HTTP2-Settings`, `Proxy-Connection` | ignored; the request is answered in HTTP/1.1 |
/// | `CONNECT` | 405, closed |
/// | `Expect: 100-continue` | `100 Continue` once a route reads the body; not if the route refuses by the head alone |
/// | another `Expect` | 417, closed |
/// | `Connection: close` in any case or list; HTTP/1.0 without `keep-alive` | closed right after the answer |
/// | no `Host`, two, or a malformed one | 400, closed; optional in HTTP/1.0 |
/// | a head over ``longestHead`` or with more than ``mostFields`` fields | 431, closed |
/// | anything that isn't HTTP/1.0 or 1.1, or is ambiguous | 400, closed |
/// | a chunked body | accepted; chunk extensions and trailers up to ``mostChunkExtras`` |
/// | a body that is too large | 413 by the route; a response before the request's end closes the connection |
/// | a request that is incomplete ``requestTimeout`` after its first byte | 408, closed |
/// | a connection without a request for ``idleTimeout`` | closed |
/// | a response that isn't read | closed ``requestTimeout`` after the client has stopped reading |
/// | a request behind one that isn't answered yet | waits; up to ``longestHead`` of it is buffered |
/// | bytes behind the last request of a connection (an event stream is one) | dropped; closed after ``mostDropped`` |
/// | ``connections`` are open | those without a whole request for longest are closed; none during a response |
/// | the service stops | connections without a whole request close at once, the others after their response |
package struct DoorLimits: Sendable {
    /// In bytes, including the request line. It also limits the bytes that are buffered for later.
    package static let longestHead = 16 * 1_024
    static let mostFields = 100
    /// The limit for chunk extensions and trailers together, in bytes per body.
    static let mostChunkExtras = 4 * 1_024
    /// The size of one read from the system, in bytes.
    static let largestRead = 16 * 1_024
    /// The most bytes that a connection buffers before the decoder. Reading stops at ``longestHead``, and one read may
    /// be added. A client that closes its side makes the system deliver all remaining bytes, which are dropped.
    static let mostKept = longestHead + largestRead
    /// The most bytes read after the last request that is served.
    static let mostDropped = 1 << 20
    /// How long a closing connection still reads, in seconds. Otherwise a reset could destroy the response for a client
    /// that is still sending.
    static let lingering: UInt32 = 2

    /// The time from a request's first byte to its last, in seconds.
    package let requestTimeout: UInt32
    /// In seconds.
    package let idleTimeout: UInt32
    /// The most open connections.
    package let connections: Int

    package init(requestTimeout: Duration, idleTimeout: Duration, connections: Int) {
        self.requestTimeout = Self.wholeSeconds(requestTimeout)
        self.idleTimeout = Self.wholeSeconds(idleTimeout)
        self.connections = max(1, connections)
    }

    private static func wholeSeconds(_ duration: Duration) -> UInt32 {
        let (seconds, rest) = duration.components
        return UInt32(clamping: max(1, seconds + (rest > 0 ? 1 : 0)))
    }
}

/// The reason why the front door refuses a request by itself.
package enum DoorRefusal: Error, Hashable {
    case malformed, host, headTooLong, connect, expectation, tooSlow

    var problem: Problem {
        switch self {
        case .malformed: return Problem(.invalidRequest, "the request is not well-formed HTTP/1.1")
        case .host: return Problem(.invalidRequest, "the request must have exactly one valid Host header")
        case .headTooLong:
            let most = "\(DoorLimits.longestHead / 1_024) KiB or \(DoorLimits.mostFields) fields"
            return Problem(.headersTooLarge, "the request's headers exceed the limit of \(most)")
        case .connect:
            var problem = Problem(.methodNotAllowed, "CONNECT is not supported; this service is not a proxy")
            problem.allow = [.get, .head, .post]
            return problem
        case .expectation: return Problem(.expectationFailed, "the only supported expectation is 100-continue")
        case .tooSlow: return Problem(.requestTimeout, "the request did not arrive completely within the time limit")
        }
    }
}
