import Crypto
import Foundation
import PayCore

/// A text that WeChat has sealed with the merchant's APIv3 key: the content of a notice, or a platform certificate.
struct WeChatPaySealed: Decodable {
    /// The one algorithm that APIv3 names.
    static let algorithm = "AEAD_AES_256_GCM"
    private static let nonceLength = 12
    private static let tagLength = 16

    let algorithm: String
    /// In base64: the sealed bytes, and the tag behind them.
    let ciphertext: String
    /// Empty or missing for none.
    let associatedData: String?
    /// 12 characters, taken as they are.
    let nonce: String

    private enum CodingKeys: String, CodingKey {
        case algorithm, ciphertext, nonce
        case associatedData = "associated_data"
    }

    /// What was sealed; nil when it was sealed with another key, or changed since.
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
