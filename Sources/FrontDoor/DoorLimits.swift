import HTTPTypes
import PayAPI

/// The bounds of a connection, and what the front door does in each case. The README's section "The front door" says the
/// same.
///
/// | case | what happens |
/// |---|---|
/// | `Upgrade`, `HTTP2-Settings`, `Proxy-Connection` | ignored: the request is answered in HTTP/1.1, and the connection goes on |
/// | `CONNECT` | 405, closed |
/// | `Expect: 100-continue` | `100 Continue` once a route reads the body; not where it refuses by the head alone |
/// | another `Expect` | 417, closed |
/// | `Connection: close` in any case or list; HTTP/1.0 without `keep-alive` | closed right after the answer |
/// | no `Host`, two, or a malformed one | 400, closed; HTTP/1.0 may leave it out |
/// | a head over ``longestHead`` or with more than ``mostFields`` fields | 431, closed |
/// | anything that isn't HTTP/1.0 or 1.1, or could be read in two ways | 400, closed |
/// | a chunked body | taken as it is sent; chunk extensions and trailers up to ``mostChunkExtras`` |
/// | a body that is too large | 413 by the route; an answer before the request's end closes the connection |
/// | a request that isn't whole ``requestTimeout`` after its first byte | 408, closed |
/// | a connection without a request for ``idleTimeout`` | closed |
/// | an answer that isn't read | closed ``requestTimeout`` after no more of it fitted in |
/// | a request behind one that isn't answered yet | waits; up to ``longestHead`` of it is kept, the rest stays unread |
/// | bytes behind a request that ends the connection (an event stream does) | dropped; closed after ``mostDropped`` |
/// | ``connections`` are open | those make room that were without a whole request for longest; none is being answered |
/// | the service stops | connections without a whole request close at once, the others after their answer |
package struct DoorLimits: Sendable {
    /// In bytes, with the request line. Further bytes that are kept for later are bounded by it, too.
    package static let longestHead = 16 * 1_024
    static let mostFields = 100
    /// Of chunk extensions and trailers together, in bytes for each body.
    static let mostChunkExtras = 4 * 1_024
    /// In bytes, taken from the system at a time.
    static let largestRead = 16 * 1_024
    /// The most bytes that a connection keeps ahead of the decoder. Reading stops at ``longestHead``, and one read may
    /// come on top; a client that closes its side makes the system hand over all that is left, which is dropped.
    static let mostKept = longestHead + largestRead
    /// Behind the last request that is served, in bytes.
    static let mostDropped = 1 << 20
    /// How long a closing connection still reads, in seconds: a client that is still sending would lose the answer to a
    /// reset otherwise.
    static let lingering: UInt32 = 2

    /// From a request's first byte to its last, in seconds.
    package let requestTimeout: UInt32
    /// In seconds.
    package let idleTimeout: UInt32
    /// At once.
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

/// Why the front door refuses a request by itself.
package enum DoorRefusal: Error, Hashable {
    case malformed, host, headTooLong, connect, expectation, tooSlow

    var problem: Problem {
        switch self {
        case .malformed: return Problem(.invalidRequest, "the request can't be read")
        case .host: return Problem(.invalidRequest, "the request needs one valid Host header")
        case .headTooLong:
            let most = "\(DoorLimits.longestHead / 1_024) KiB and \(DoorLimits.mostFields) fields"
            return Problem(.headersTooLarge, "the request's headers may have \(most) at the most")
        case .connect:
            var problem = Problem(.methodNotAllowed, "this service is not a proxy")
            problem.allow = [.get, .head, .post]
            return problem
        case .expectation: return Problem(.expectationFailed, "the only expectation that is met is 100-continue")
        case .tooSlow: return Problem(.requestTimeout, "the request did not arrive in time")
        }
    }
}
