/// Finds the signed part of a reply in its raw bytes. Nothing is decoded before this part is verified, and only this
/// part is decoded afterwards, so the verified bytes are the parsed bytes.
///
/// A reply is `{"alipay_trade_query_response":{…},"sign":"…"}`. Some failures use the node `error_response` instead. In
/// certificate mode it also has `alipay_cert_sn`, before or after the signature, which does not cover it.
struct AlipayReplyScanner {
    /// The parts of a reply. They are not yet verified.
    struct Found: Hashable {
        /// The raw bytes of the node's value, including its braces.
        let node: [UInt8]
        /// In base64. Nil if the reply has no `sign`.
        let signature: String?
        /// The number of the certificate that signed, if the reply names one.
        let certificateNumber: String?
        /// Whether the node is `error_response`, which never reports success.
        let isErrorNode: Bool
    }

    private static let errorNode = Array("error_response".utf8)
    private static let sign = Array("sign".utf8)
    private static let certificate = Array("alipay_cert_sn".utf8)

    private struct Member {
        /// The raw name, without its quotes.
        let name: ArraySlice<UInt8>
        let value: Range<Int>
    }

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Nil if `body` is not such a reply or is ambiguous: the node, the signature or the certificate occurs twice.
    static func scan(_ body: [UInt8], node: String) -> Found? {
        var scanner = AlipayReplyScanner(body)
        guard let members = scanner.members() else { return nil }
        let name = Array(node.utf8)
        let nodes = members.filter { $0.name.elementsEqual(name) || $0.name.elementsEqual(errorNode) }
        let signatures = members.filter { $0.name.elementsEqual(sign) }
        let certificates = members.filter { $0.name.elementsEqual(certificate) }
        guard nodes.count == 1, signatures.count <= 1, certificates.count <= 1,
            body[nodes[0].value.lowerBound] == UInt8(ascii: "{")
        else { return nil }
        let found = nodes[0]
        // Alipay's own rule searches the text for the node's name, so the name must not occur after the node in any
        // form.
        guard !body[found.value.upperBound...].contains(found.name) else { return nil }
        var signature: String?
        if let member = signatures.first {
            guard let text = scanner.base64(in: member.value) else { return nil }
            signature = text
        }
        return Found(
            node: Array(body[found.value]), signature: signature,
            certificateNumber: certificates.first.flatMap { scanner.base64(in: $0.value) },
            isErrorNode: found.name.elementsEqual(errorNode))
    }

    /// The members of the outermost object. No text may follow the object.
    private mutating func members() -> [Member]? {
        var members: [Member] = []
        skipSpace()
        guard take(UInt8(ascii: "{")) else { return nil }
        repeat {
            skipSpace()
            guard let name = string() else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return nil }
            skipSpace()
            let start = position
            guard skipValue(), start < position else { return nil }
            members.append(Member(name: bytes[(name.lowerBound + 1)..<(name.upperBound - 1)], value: start..<position))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { return nil }
        skipSpace()
        return position == bytes.count ? members : nil
    }

    /// Skips a value: a string, a bracketed value or a bare word.
    private mutating func skipValue() -> Bool {
        guard let first = here else { return false }
        if first == UInt8(ascii: "\"") { return string() != nil }
        guard first.isOpeningBracket else {
            while let byte = here, !byte.endsBareWord { position += 1 }
            return true
        }
        var depth = 0
        repeat {
            guard let byte = here else { return false }
            if byte == UInt8(ascii: "\"") {
                guard string() != nil else { return false }
                continue
            }
            if byte.isOpeningBracket { depth += 1 }
            if byte.isClosingBracket { depth -= 1 }
            position += 1
        } while depth > 0
        return true
    }

    /// Skips a string and returns its range, including the quotes. An escaped quote does not end the string.
    private mutating func string() -> Range<Int>? {
        let start = position
        guard take(UInt8(ascii: "\"")) else { return nil }
        while let byte = here {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return start..<position }
        }
        return nil
    }

    /// The text of a string of base64 letters. Its slashes may be escaped with a backslash.
    private func base64(in range: Range<Int>) -> String? {
        guard range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes[(range.lowerBound + 1)..<(range.upperBound - 1)] {
            if isEscaped, byte != UInt8(ascii: "/") { return nil }
            isEscaped = byte == UInt8(ascii: "\\")
            if !isEscaped { text.append(byte) }
        }
        return String(validating: text, as: UTF8.self)
    }

    private var here: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard here == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = here, byte.isJSONSpace { position += 1 }
    }
}

extension UInt8 {
    fileprivate var isOpeningBracket: Bool { self == UInt8(ascii: "{") || self == UInt8(ascii: "[") }
    fileprivate var isClosingBracket: Bool { self == UInt8(ascii: "}") || self == UInt8(ascii: "]") }
    fileprivate var isJSONSpace: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
    fileprivate var endsBareWord: Bool { self == UInt8(ascii: ",") || isClosingBracket || isJSONSpace }
}
