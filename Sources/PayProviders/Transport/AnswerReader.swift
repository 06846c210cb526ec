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
        let line = Array(line)
        headerBytes += line.count
        guard headerBytes <= headerLimit else { return false }
        let text = line[..<line.endOfText]
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

    private func isFinalStatus(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: "HTTP/".utf8) else { return false }
        let status = line.drop { $0 != UInt8(ascii: " ") }.drop { $0 == UInt8(ascii: " ") }
        return !status.isEmpty && status.first != UInt8(ascii: "1")
    }

    private mutating func readHeader(_ line: ArraySlice<UInt8>) {
        guard let first = line.first else {
            section = .body
            return
        }
        if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t"), let last = headers.popLast() {
            // A folded value (RFC 9112, 5.2) continues the line before it.
            headers.append(Header(name: last.name, value: "\(last.value) \(line.textWithoutStart)"))
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: line[..<colon], as: UTF8.self)
            headers.append(Header(name: name, value: line[(colon + 1)...].textWithoutStart))
        }
    }
}

// Trims bytes, because Unicode white space is part of a value.

extension [UInt8] {
    /// The index behind the last byte that is not white space.
    fileprivate var endOfText: Int { (lastIndex { !$0.isWhitespace } ?? -1) + 1 }
}

extension ArraySlice<UInt8> {
    /// The text behind white space.
    fileprivate var textWithoutStart: String { String(decoding: drop { $0.isWhitespace }, as: UTF8.self) }
}

extension UInt8 {
    /// A space, a tab or a line ending.
    fileprivate var isWhitespace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
