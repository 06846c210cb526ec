/// Gathers an answer as libcurl hands it over, line by line and piece by piece, and stops at its limits.
struct AnswerReader {
    private let headerLimit: Int
    private let bodyLimit: Int
    private var headerBytes = 0
    private var section = Section.interim

    private(set) var headers: [Header] = []
    private(set) var body: [UInt8] = []

    /// Where in the answer the next line belongs.
    private enum Section {
        /// Before the final status line; a `103 Early Hints` has headers that aren't the answer's.
        case interim
        case headers
        /// After the empty line: what looks like a header now is a trailer, which nothing here reads.
        case body
    }

    /// Whether the empty line after the headers has come. To libcurl an answer that breaks off before it is an answer.
    var hasWholeHead: Bool { section == .body }

    init(headerLimit: Int, bodyLimit: Int) {
        self.headerLimit = headerLimit
        self.bodyLimit = bodyLimit
    }

    /// Takes one line, with its ending; false when the answer's headers are too large.
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

    /// Takes a piece of the body; false when the body is too large.
    mutating func readBody(_ piece: some Collection<UInt8>) -> Bool {
        guard body.count + piece.count <= bodyLimit else { return false }
        body.append(contentsOf: piece)
        return true
    }

    private func isFinalStatus(_ line: String) -> Bool {
        let words = line.split(separator: " ", maxSplits: 2)
        return words.count >= 2 && words[0].hasPrefix("HTTP/") && !words[1].hasPrefix("1")
    }

    private mutating func readHeader(_ line: String) {
        let bytes = line.utf8
        if line.isEmpty {
            section = .body
        } else if let first = bytes.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t"),
            let last = headers.popLast()
        {
            // A folded value (RFC 9112, 5.2): the line goes on where the one before it ended.
            headers.append(Header(name: last.name, value: last.value + " " + String(line[...].trimmingStart())))
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            let value = line[bytes.index(after: colon)...].trimmingStart()
            headers.append(Header(name: String(line[..<colon]), value: String(value)))
        }
    }
}

// By bytes: what is white in other scripts is part of a value, and to look for it costs more than the line.

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
    /// A space, a tab or what ends a line.
    fileprivate var isWhitespace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
