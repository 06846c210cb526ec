import Foundation
import PayCore
import PayProviders

extension Settings {
    /// A key, and the file that it was read from, so that a check can tell of both.
    struct KeyFile<Key: Sendable>: Sendable {
        let key: Key
        let path: String
        let form: RSAKeyForm
    }
}

extension SettingRules {
    /// A file of a key is some kilobytes: what is larger is another file.
    private static let largestKeyFile = 65_536

    static func privateKeyFile(_ path: String) throws(Complaint) -> Settings.KeyFile<RSASigningKey> {
        let text = Secret(try keyText(path))
        do throws(RSAKeyMistake) {
            return Settings.KeyFile(
                key: try RSASigningKey(text: text), path: path, form: RSAKeyForm(privateKey: text))
        } catch {
            throw error.complaint(ofPrivateKey: true)
        }
    }

    static func publicKeyFile(_ path: String) throws(Complaint) -> Settings.KeyFile<RSAVerifyingKey> {
        let text = try keyText(path)
        do throws(RSAKeyMistake) {
            return Settings.KeyFile(key: try RSAVerifyingKey(text: text), path: path, form: RSAKeyForm(publicKey: text))
        } catch {
            throw error.complaint(ofPrivateKey: false)
        }
    }

    private static func keyText(_ path: String) throws(Complaint) -> String {
        let path = try readableFile(path)
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Complaint("names a file that can't be read", remedy: "let the service read it")
        }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: largestKeyFile + 1) ?? Data(), data.count <= largestKeyFile,
            let text = String(validating: data, as: UTF8.self)
        else { throw Complaint("names a file that is no key's text", remedy: "name a PEM file, or one of base64") }
        return text
    }
}

extension RSAKeyMistake {
    /// What to say of the file, and never a word of what is in it.
    fileprivate func complaint(ofPrivateKey isPrivateWanted: Bool) -> Complaint {
        let wanted = isPrivateWanted ? "private" : "public"
        switch self {
        case .empty: return Complaint("names a file without a key in it", remedy: "put the \(wanted) key into it")
        case .isCertificate:
            let remedy =
                isPrivateWanted
                ? "name the private key that belongs to it (apiclient_key.pem, not apiclient_cert.pem)"
                : "name a public key (openssl x509 -pubkey -noout -in FILE prints a certificate's)"
            return Complaint("names a certificate, and a \(wanted) key is wanted", remedy: remedy)
        case .isPublic:
            return Complaint("names a public key, and the private one is wanted", remedy: "name the private key's file")
        case .isPrivate:
            let remedy = "name the public key that the provider's console shows, and keep the private one to yourself"
            return Complaint("names a private key, and a public one is wanted", remedy: remedy)
        case .isEncrypted:
            let remedy =
                "write it without a passphrase (openssl pkey -in FILE -out FILE), for the service alone to read"
            return Complaint("names a key that is encrypted", remedy: remedy)
        case .unreadable:
            let forms = isPrivateWanted ? "PKCS#1 or PKCS#8" : "SubjectPublicKeyInfo or PKCS#1"
            return Complaint(
                "names a file that holds no RSA key", remedy: "write the key as \(forms), in PEM or as bare base64")
        case .tooShort:
            let remedy =
                isPrivateWanted
                ? "make one of 2048 bits or more, and register it again"
                : "copy the provider's key again: none of theirs is so short"
            return Complaint("names a key of less than 2048 bits", remedy: remedy)
        }
    }
}
