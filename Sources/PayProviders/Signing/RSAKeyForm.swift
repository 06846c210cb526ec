public import PayCore

/// How a key file is written, to be told to whoever mends it: nothing of the key itself.
public struct RSAKeyForm: Hashable, Sendable, CustomStringConvertible {
    public enum Encoding: String, Sendable {
        case pkcs1 = "PKCS#1"
        case pkcs8 = "PKCS#8"
        case subjectPublicKeyInfo = "SubjectPublicKeyInfo"
        case unknown = "an unknown encoding"
    }

    public let encoding: Encoding
    public let hasPEMMarks: Bool

    public init(privateKey text: Secret) {
        self.init(RSAKeyText(text.reveal()), of: .private)
    }

    public init(publicKey text: String) {
        self.init(RSAKeyText(text), of: .public)
    }

    private init(_ text: RSAKeyText, of kind: RSAKeyText.Kind) {
        hasPEMMarks = text.label != nil
        encoding = (try? text.der(of: kind)).map { Self.encoding(of: $0, kind) } ?? .unknown
    }

    public var description: String { "\(encoding.rawValue), \(hasPEMMarks ? "with" : "without") PEM marks" }

    /// By what the outer sequence begins with: in a PKCS#1 private key a version and an integer, in PKCS#8 a version
    /// and a sequence that names the algorithm; in a PKCS#1 public key an integer, else such a sequence.
    private static func encoding(of der: [UInt8], _ kind: RSAKeyText.Kind) -> Encoding {
        guard var content = DERContent(der), content.tag == .sequence else { return .unknown }
        if kind == .private { content.skip() }
        switch (kind, content.firstTag) {
        case (.private, .integer), (.public, .integer): return .pkcs1
        case (.private, .sequence): return .pkcs8
        case (.public, .sequence): return .subjectPublicKeyInfo
        case (_, nil): return .unknown
        }
    }
}

/// As much of DER as tells one key encoding from another.
private struct DERContent {
    enum Tag: UInt8 {
        case integer = 0x02
        case sequence = 0x30
    }

    let tag: Tag
    private var rest: ArraySlice<UInt8>

    init?(_ der: [UInt8]) {
        guard let tag = der.first.flatMap(Tag.init), let (header, length) = Self.header(der[...]),
            header + length <= der.count
        else { return nil }
        self.tag = tag
        rest = der[header..<(header + length)]
    }

    var firstTag: Tag? { rest.first.flatMap(Tag.init) }

    /// Leaves out the first element.
    mutating func skip() {
        guard let (header, length) = Self.header(rest) else { return rest = [] }
        rest = rest.dropFirst(header + length)
    }

    /// How long the first element's tag and length are, and how long its content is.
    private static func header(_ bytes: ArraySlice<UInt8>) -> (header: Int, length: Int)? {
        guard let first = bytes.dropFirst().first else { return nil }
        guard first & 0x80 != 0 else { return (2, Int(first)) }
        let count = Int(first & 0x7F)
        guard (1...4).contains(count), bytes.count >= 2 + count else { return nil }
        let length = bytes.dropFirst(2).prefix(count).reduce(0) { $0 << 8 | Int($1) }
        return (2 + count, length)
    }
}
