public import PayCore

/// The encoding of the key in a key file, for messages. Contains no part of the key itself.
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
        self.init((try? RSAKeyText(text.reveal()).first(.private) { _ in () })?.block)
    }

    public init(publicKey text: String) {
        self.init((try? RSAKeyText(text).first(.public) { _ in () })?.block)
    }

    private init(_ block: KeyBlock?) {
        hasPEMMarks = block?.label != nil
        encoding =
            switch block?.der.flatMap(KeyStructure.init) {
            case .pkcs1Private, .pkcs1Public: .pkcs1
            case .pkcs8: .pkcs8
            case .subjectPublicKeyInfo: .subjectPublicKeyInfo
            case .encryptedPKCS8, .sec1, .certificate, nil: .unknown
            }
    }

    public var description: String { "\(encoding.rawValue), \(hasPEMMarks ? "with" : "without") PEM marks" }
}
