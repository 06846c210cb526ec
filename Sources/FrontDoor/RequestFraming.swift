import NIOCore

/// Finds the boundaries of the requests on a connection.
struct RequestFraming {
    enum Step {
        /// More bytes are needed.
        case wait
        /// This number of bytes is empty lines before a request (RFC 9112, section 2.2).
        case skip(Int)
        /// The head of a request. Nothing was consumed yet.
        case head(WireHead)
        /// This number of bytes belongs to the body of the current request.
        case body(Int, isEnd: Bool)
        case refuse(DoorRefusal)
    }

    private enum Place {
        /// The next byte begins a request.
        case beginning
        /// The number of outstanding bytes of a body, at least 1.
        case body(Int)
        case chunks(ChunkedBody)
    }

    private var place = Place.beginning
    /// The number of bytes that were scanned without finding a whole head.
    private var scanned = 0
    /// How often a head was read from its first byte.
    private(set) var headReadings = 0

    /// Whether the next byte begins a request.
    var isAtBeginning: Bool {
        if case .beginning = place { true } else { false }
    }

    /// - Parameter bytes: the unconsumed bytes, at least one.
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

    /// Called when the head was consumed. Returns whether a body follows.
    mutating func consumed(_ head: WireHead) -> Bool {
        switch head.body {
        case .length(0): return false
        case .length(let length): place = .body(length)
        case .chunked: place = .chunks(ChunkedBody())
        }
        return true
    }

    /// A head in many pieces is parsed again only after another of its lines has ended.
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
        headReadings += 1
        switch WireHead.read(bytes) {
        case .incomplete:
            scanned = bytes.readableBytes
            return .wait
        case .refused(let refusal): return .refuse(refusal)
        case .whole(let head): return .head(head)
        }
    }
}
