import PayCore

extension ProviderRequest {
    /// Rejects requests that libcurl must not get: it guesses the missing parts of a loose URL and writes headers
    /// unchecked.
    func check() throws(TransportError) {
        try checkURL()
        guard headers.allSatisfy({ $0.isSendable }) else { throw TransportError(.neverSent, .badHeader) }
    }

    /// Whether libcurl may send the request again when a kept-alive connection turns out to be closed.
    ///
    /// True for GET only, because a GET changes nothing.
    var mayBeSentAgain: Bool { method == .get }

    private func checkURL() throws(TransportError) {
        guard url.isVisibleASCII() else { throw TransportError(.neverSent, .badURL) }
        // Without a scheme libcurl guesses one from the host name.
        guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")), url[colon...].utf8.starts(with: "://".utf8) else {
            throw TransportError(.neverSent, .badURL)
        }
        guard ["http", "https"].contains(url[..<colon].lowercased()) else {
            throw TransportError(.neverSent, .schemeNotAllowed)
        }
    }
}

extension Header {
    /// Headers that frame a message. Only the transport sets them: a second one would change where a body ends.
    private static let framing = ["connection", "content-length", "expect", "transfer-encoding"]

    /// Whether the name and the value are valid and contain no line break.
    fileprivate var isSendable: Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isHTTPToken) && !Self.framing.contains(where: name.isHeader)
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}
