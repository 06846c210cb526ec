extension ProviderRequest {
    /// Refuses what must not be handed to libcurl: it guesses where a URL is loose, and writes headers as they are.
    func check() throws(TransportError) {
        try checkURL()
        guard headers.allSatisfy({ $0.isSendable }) else { throw TransportError(.neverSent, .badHeader) }
    }

    /// Whether libcurl may send it again by itself when a kept-alive connection turns out to be dead.
    ///
    /// Only a GET: it asks and changes nothing.
    var mayBeSentAgain: Bool { method == .get }

    private func checkURL() throws(TransportError) {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw TransportError(.neverSent, .badURL) }
        // Without a scheme libcurl would guess one from the host's name.
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw TransportError(.neverSent, .badURL)
        }
        guard ["http", "https"].contains(url[..<colon].lowercased()) else {
            throw TransportError(.neverSent, .schemeNotAllowed)
        }
    }
}

extension Header {
    /// The headers that frame a message. They are the transport's alone: a second one would change where a body ends.
    private static let framing: Set<String> = ["connection", "content-length", "expect", "transfer-encoding"]

    /// A name and a value that stay on their own line.
    fileprivate var isSendable: Bool {
        !name.isEmpty && name.utf8.allSatisfy(Self.isToken) && !Self.framing.contains(name.lowercased())
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }

    /// A letter of a header's name (RFC 9110, `tchar`).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
