/// Takes a body piece by piece, on the transport's thread. False aborts the transfer.
typealias BodySink = @Sendable ([UInt8]) -> Bool

/// Collects an answer from libcurl's callbacks and enforces the limits on its size.
struct AnswerReader {
    private let headerLimit: Int
    private let bodyLimit: Int
    private let sink: BodySink?
    private var headerBytes = 0
    private var bodyBytes = 0
    private var section = Section.interim

    private(set) var headers: [Header] = []
    /// Empty if the body went to a sink.
    private(set) var body: [UInt8] = []

    /// The section of the answer that the next line belongs to.
    private enum Section {
        /// Before the final status line. An interim answer such as `103 Early Hints` has headers of its own, which are
        /// ignored.
        case interim
        case headers
        /// After the empty line. Header lines here are trailers, which are ignored.
        case body
    }

    /// Whether the empty line after the headers has arrived. libcurl reports success even when an answer breaks off
    /// earlier.
    var hasWholeHead: Bool { section == .body }

    init(headerLimit: Int, bodyLimit: Int, sink: BodySink? = nil) {
        self.headerLimit = headerLimit
        self.bodyLimit = bodyLimit
        self.sink = sink
    }

    /// Reads one line, including its line ending. False if the headers exceed the limit.
    mutating func readLine(_ line: some Collection<UInt8>) -> Bool {
        headerBytes += line.count
        guard headerBytes <= headerLimit else { return false }
        let text = String(decoding: line.trimmingEnd(), as: UTF8.self)
        switch section {
        case .interim: if isFinalStatus(text) { section = .headers }
        case .headers: readHeader(text)
        case .body: break
        }
        return true
    }

    /// Takes a piece of the body. False if the body exceeds the limit, or its sink fails.
    mutating func readBody(_ piece: some Collection<UInt8>) -> Bool {
        guard bodyBytes + piece.count <= bodyLimit else { return false }
        bodyBytes += piece.count
        if let sink { return sink(Array(piece)) }
        body.append(contentsOf: piece)
        return true
    }

    private func isFinalStatus(_ line: String) -> Bool {
        guard line.utf8.starts(with: "HTTP/".utf8) else { return false }
        let status = line.utf8.drop { $0 != UInt8(ascii: " ") }.drop { $0 == UInt8(ascii: " ") }
        return !status.isEmpty && status.first != UInt8(ascii: "1")
    }

    private mutating func readHeader(_ line: String) {
        let bytes = line.utf8
        if line.isEmpty {
            section = .body
        } else if let first = bytes.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t"),
            let last = headers.popLast()
        {
            // A folded value (RFC 9112, 5.2) continues the line before it.
            headers.append(Header(name: last.name, value: last.value + " " + String(line[...].trimmingStart())))
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            let value = line[bytes.index(after: colon)...].trimmingStart()
            headers.append(Header(name: String(line[..<colon]), value: String(value)))
        }
    }
}

// Compares bytes, because Unicode white space is part of a value, and Unicode trimming is slow.

extension Collection<UInt8> {
    fileprivate func trimmingEnd() -> SubSequence {
        var end = startIndex
        for place in indices where !self[place].isWhitespace { end = index(after: place) }
        return self[..<end]
    }
}

extension Substring {
    fileprivate func trimmingStart() -> Substring { self[(utf8.firstIndex { !$0.isWhitespace } ?? endIndex)...] }
}

extension UInt8 {
    /// A space, a tab or a line ending.
    fileprivate var isWhitespace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
