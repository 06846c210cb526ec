import NIOCore

/// Finds where the requests of a connection begin and end.
struct RequestFraming {
    enum Step {
        /// More bytes are needed.
        case wait
        /// So many bytes are empty lines before a request (RFC 9112, section 2.2).
        case skip(Int)
        /// The head of a request, of which nothing was consumed.
        case head(WireHead)
        /// So many bytes belong to the body of the request that was begun.
        case body(Int, isEnd: Bool)
        case refuse(DoorRefusal)
    }

    private enum Place {
        /// The next byte begins a request.
        case beginning
        /// So many bytes of a body are still to come; more than 0.
        case body(Int)
        case chunks(ChunkedBody)
    }

    private var place = Place.beginning
    /// Bytes of a head that were read before and held no whole head.
    private var scanned = 0

    /// Whether the next byte begins a request.
    var isAtBeginning: Bool {
        if case .beginning = place { true } else { false }
    }

    /// - Parameter bytes: at least one that was not consumed.
    mutating func next(_ bytes: ByteBuffer) -> Step {
        switch place {
        case .beginning: return begin(bytes)
        case .body(let rest):
            let count = min(rest, bytes.readableBytes)
            place = count < rest ? .body(rest - count) : .beginning
            return .body(count, isEnd: count == rest)
        case .chunks(var chunks):
            guard let count = bytes.withUnsafeReadableBytes({ chunks.read($0) }) else { return .refuse(.malformed) }
            place = chunks.isOver ? .beginning : .chunks(chunks)
            return .body(count, isEnd: chunks.isOver)
        }
    }

    /// The head was consumed; its body is next. Returns whether there is one.
    mutating func consumed(_ head: WireHead) -> Bool {
        switch head.body {
        case .length(0): return false
        case .length(let length): place = .body(length)
        case .chunked: place = .chunks(ChunkedBody())
        }
        return true
    }

    /// A head that comes in many pieces is read anew only when another of its lines has ended.
    private mutating func begin(_ bytes: ByteBuffer) -> Step {
        if scanned > 0, bytes.readableBytes < DoorLimits.longestHead,
            !bytes.readableBytesView.dropFirst(scanned).contains(UInt8(ascii: "\n"))
        {
            scanned = bytes.readableBytes
            return .wait
        }
        scanned = 0
        let blank = bytes.readableBytesView.prefix { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }.count
        if blank > 0 { return .skip(blank) }
        switch WireHead.read(bytes) {
        case .incomplete:
            scanned = bytes.readableBytes
            return .wait
        case .refused(let refusal): return .refuse(refusal)
        case .whole(let head): return .head(head)
        }
    }
}
