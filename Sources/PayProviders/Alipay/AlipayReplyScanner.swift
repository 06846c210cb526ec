/// Finds, in the very bytes of a reply, the part that its signature covers. Nothing is decoded before that part has been
/// verified, and nothing but that part after: the text that was signed is the text that is read.
///
/// A reply is `{"alipay_trade_query_response":{…},"sign":"…"}`; some failures are in `error_response` instead.
struct AlipayReplyScanner {
    /// What was found. Nothing of it is believed yet.
    struct Found: Hashable {
        /// The node's value, with its braces, as it came.
        let node: [UInt8]
        /// In base64; nil where the reply has no `sign`.
        let signature: String?
        /// Whether the node is `error_response`: no success is.
        let isErrorNode: Bool
    }

    private static let errorNode = Array("error_response".utf8)
    private static let sign = Array("sign".utf8)

    private struct Member {
        /// Without its quotes, as it came.
        let name: ArraySlice<UInt8>
        let value: Range<Int>
    }

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Nil when `body` is no such reply, or could be read in two ways: when the node or the signature comes twice.
    static func scan(_ body: [UInt8], node: String) -> Found? {
        var scanner = AlipayReplyScanner(body)
        guard let members = scanner.members() else { return nil }
        let name = Array(node.utf8)
        let nodes = members.filter { $0.name.elementsEqual(name) || $0.name.elementsEqual(errorNode) }
        let signatures = members.filter { $0.name.elementsEqual(sign) }
        guard nodes.count == 1, signatures.count <= 1, body[nodes[0].value.lowerBound] == UInt8(ascii: "{") else {
            return nil
        }
        let found = nodes[0]
        // Alipay's own rule looks for the name anywhere behind the node, not only where a member is named.
        guard !body[found.value.upperBound...].contains(found.name) else { return nil }
        var signature: String?
        if let member = signatures.first {
            guard let text = scanner.base64(in: member.value) else { return nil }
            signature = text
        }
        return Found(
            node: Array(body[found.value]), signature: signature, isErrorNode: found.name.elementsEqual(errorNode))
    }

    /// The members of the outermost object, which is all that the reply may hold.
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

    /// Passes over a value: a text, whatever brackets hold, or a bare word.
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

    /// Passes over a text: where it is, with its quotes. What follows a backslash doesn't end it.
    private mutating func string() -> Range<Int>? {
        let start = position
        guard take(UInt8(ascii: "\"")) else { return nil }
        while let byte = here {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return start..<position }
        }
        return nil
    }

    /// The signature's text. Its slashes may come with a backslash before each.
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
