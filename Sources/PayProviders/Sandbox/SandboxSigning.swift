import Crypto
public import PayCore

/// The purpose of a signature. It is part of the signed text, so that a signature for one purpose is invalid for
/// another.
public enum SandboxUse: Sendable {
    /// A call, by its method and its path below the base URL. A proxy may change the base without breaking the
    /// signature.
    case request(method: String, path: String)
    /// The answer with that status to the call with that signature. It is valid for no other call.
    case reply(status: Int, toRequestSignedBy: String)
    /// A notice for that channel.
    case notice(channel: String)

    fileprivate var text: String {
        switch self {
        case .request(let method, let path): "\(method) \(path)"
        case .reply(let status, let request): "reply \(status) \(request)"
        case .notice(let channel): "notice \(channel)"
        }
    }
}

/// A signature and its timestamp: the two headers of every message of the sandbox and its clients.
public struct SandboxSignature: Hashable, Sendable {
    public static let timestampHeader = "Sandbox-Timestamp"
    public static let signatureHeader = "Sandbox-Signature"

    public let signedAt: Instant
    /// 64 lower-case hexadecimal digits.
    public let text: String

    public var headers: [Header] {
        [
            Header(name: Self.timestampHeader, value: "\(signedAt.milliseconds)"),
            Header(name: Self.signatureHeader, value: text),
        ]
    }
}

/// Signs and verifies with HMAC-SHA256 over the purpose, the timestamp and the raw body.
public struct SandboxSigner: Sendable {
    /// Initialised with the key once, which is half the work for a short message.
    private let keyed: HMAC<SHA256>

    public init(secret: Secret) {
        keyed = HMAC(key: SymmetricKey(data: Array(secret.reveal().utf8)))
    }

    public func sign(_ body: [UInt8], for use: SandboxUse, at now: Instant) -> SandboxSignature {
        let code = code(of: body, use, timestamp: "\(now.milliseconds)")
        return SandboxSignature(signedAt: now, text: code.withUnsafeBytes { Hexadecimal.text(of: $0) })
    }

    /// The signature in these two header values, if it is valid for that purpose and body.
    public func check(
        timestamp: String?, signature: String?, of body: [UInt8], for use: SandboxUse
    ) -> SandboxSignature? {
        guard let timestamp, let signature, let milliseconds = Int64(timestamp),
            let given = Hexadecimal.bytes(SHA256.byteCount, ofLowercase: signature)
        else {
            return nil
        }
        // swift-crypto compares in constant time.
        guard code(of: body, use, timestamp: timestamp) == given else { return nil }
        return SandboxSignature(signedAt: Instant(milliseconds: milliseconds).clamped, text: signature)
    }

    /// Whether the signature in these two header values is valid for that purpose and for a body in a file.
    func isSigned(
        timestamp: String?, signature: String?, _ file: SpoolFile, for use: SandboxUse
    ) async throws(BillFlaw) -> Bool {
        guard let timestamp, let signature, Int64(timestamp) != nil,
            let given = Hexadecimal.bytes(SHA256.byteCount, ofLowercase: signature)
        else { return false }
        var code = keyed
        code.update(data: Array("\(use.text)\n\(timestamp)\n".utf8))
        var bytes = FileBytes(file)
        try await bytes.forEach { piece in code.update(data: piece) }
        return code.finalize() == given
    }

    /// The signed text is unambiguous: its first two lines contain no line break, and the body is last.
    private func code(of body: [UInt8], _ use: SandboxUse, timestamp: String) -> HMAC<SHA256>.MAC {
        var code = keyed
        code.update(data: Array("\(use.text)\n\(timestamp)\n".utf8))
        code.update(data: body)
        return code.finalize()
    }
}
