import Crypto
import Foundation
import PayCore

/// Content that WeChat encrypted with the merchant's APIv3 key: a notice or a platform certificate.
struct WeChatPaySealed: Decodable {
    /// The only algorithm of APIv3.
    static let algorithm = "AEAD_AES_256_GCM"
    private static let nonceLength = 12
    private static let tagLength = 16

    let algorithm: String
    /// Base64 of the encrypted bytes followed by the tag.
    let ciphertext: String
    /// Empty or missing if there is none.
    let associatedData: String?
    /// 12 bytes of text, used unchanged.
    let nonce: String

    private enum CodingKeys: String, CodingKey {
        case algorithm, ciphertext, nonce
        case associatedData = "associated_data"
    }

    /// The decrypted content, by the first key that fits. Nil if none does, or the content was altered.
    func open(withOneOf keys: [Secret]) -> [UInt8]? {
        keys.lazy.compactMap { open(with: $0) }.first
    }

    /// The decrypted content. Nil if the key is another or the content was altered.
    func open(with key: Secret) -> [UInt8]? {
        guard algorithm == Self.algorithm, let sealed = Data(base64Encoded: ciphertext),
            sealed.count >= Self.tagLength, nonce.utf8.count == Self.nonceLength,
            let nonce = try? AES.GCM.Nonce(data: Array(nonce.utf8)),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: sealed.dropLast(Self.tagLength), tag: sealed.suffix(Self.tagLength)),
            let opened = try? AES.GCM.open(
                box, using: SymmetricKey(data: Array(key.reveal().utf8)),
                authenticating: Array((associatedData ?? "").utf8))
        else { return nil }
        return Array(opened)
    }
}
