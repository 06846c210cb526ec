import Crypto
public import PayCore

/// What a signature of the sandbox is for. It is part of what is signed, so that nothing signed for one use passes for
/// another.
public enum SandboxUse: Sendable {
    /// A call, by its method and its path below the base address: a proxy may move the base, but not the meaning.
    case request(method: String, path: String)
    /// The answer with that status to the call that was signed so: an answer to one call is none to another.
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

/// A signature with the time that it covers: the two headers of everything that the sandbox and its clients send.
public struct SandboxSignature: Hashable, Sendable {
    public static let timestampHeader = "Sandbox-Timestamp"
    public static let signatureHeader = "Sandbox-Signature"

    public let signedAt: Instant
    /// 64 hexadecimal digits in lower case.
    public let text: String

    public var headers: [Header] {
        [
            Header(name: Self.timestampHeader, value: "\(signedAt.milliseconds)"),
            Header(name: Self.signatureHeader, value: text),
        ]
    }
}

/// Signs and checks by HMAC-SHA256, over what a message is for, its time and the very bytes of its body.
public struct SandboxSigner: Sendable {
    /// Has taken the key in, which is half the work of a short message.
    private let keyed: HMAC<SHA256>

    public init(secret: Secret) {
        keyed = HMAC(key: SymmetricKey(data: Array(secret.reveal().utf8)))
    }

    public func sign(_ body: [UInt8], for use: SandboxUse, at now: Instant) -> SandboxSignature {
        let code = code(of: body, use, timestamp: "\(now.milliseconds)")
        return SandboxSignature(signedAt: now, text: HexadecimalCode.text(of: code))
    }

    /// The signature in these two header values, if it is one of ours for that use and that body.
    public func check(
        timestamp: String?, signature: String?, of body: [UInt8], for use: SandboxUse
    ) -> SandboxSignature? {
        guard let timestamp, let signature, let milliseconds = Int64(timestamp),
            let given = HexadecimalCode.bytes(of: signature)
        else {
            return nil
        }
        // swift-crypto compares in constant time.
        guard code(of: body, use, timestamp: timestamp) == given else { return nil }
        return SandboxSignature(signedAt: Instant(milliseconds: milliseconds).clamped, text: signature)
    }

    /// One message for one meaning: the first two lines can't hold a line break, and the body comes last.
    private func code(of body: [UInt8], _ use: SandboxUse, timestamp: String) -> HMAC<SHA256>.MAC {
        var code = keyed
        code.update(data: Array("\(use.text)\n\(timestamp)\n".utf8))
        code.update(data: body)
        return code.finalize()
    }
}
