import Foundation
import PayCore
import PayProviders

extension Settings {
    /// A key with the file that it was read from, for checks of both.
    struct KeyFile<Key: Sendable>: Sendable {
        let key: Key
        let path: String
        let form: RSAKeyForm
    }
}

extension SettingRules {
    /// A key file has some kilobytes. A larger file is another file.
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

    /// The text of a file of keys or certificates.
    static func keyText(_ path: String) throws(Complaint) -> String {
        let path = try readableFile(path)
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Complaint("is a file that cannot be read", remedy: "grant the service read access")
        }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: largestKeyFile + 1) ?? Data(), data.count <= largestKeyFile else {
            throw Complaint("is a file that is too large for a key", remedy: "set it to a PEM or base64 file")
        }
        guard let text = text(of: data) else { throw notText(data) }
        return text
    }

    /// UTF-8, or UTF-16 if a byte order mark says so, as Notepad's "Unicode" writes it.
    private static func text(of data: Data) -> String? {
        let isUTF16 = data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF])
        return isUTF16 ? String(data: data, encoding: .utf16) : String(validating: data, as: UTF8.self)
    }

    /// DER begins with a sequence: `30 82`, and then a length.
    private static func notText(_ data: Data) -> Complaint {
        guard data.starts(with: [0x30, 0x82]) else {
            return Complaint("is a file that holds no key", remedy: "set it to a PEM or base64 file")
        }
        let remedy =
            "convert it to PEM (openssl pkcs12 -in FILE -nodes -out FILE.pem for .p12 and .pfx, "
            + "openssl pkey -inform DER -in FILE -out FILE.pem for a private key)"
        return Complaint("is a binary file (PKCS#12 or DER)", remedy: remedy)
    }
}

extension RSAKeyMistake {
    /// The message about the file, without any of its content.
    fileprivate func complaint(ofPrivateKey isPrivateWanted: Bool) -> Complaint {
        let wanted = isPrivateWanted ? "private" : "public"
        switch self {
        case .empty: return Complaint("is a file without a key", remedy: "write the \(wanted) key to the file")
        case .isCertificate:
            let remedy =
                isPrivateWanted
                ? "set it to the file of the matching private key (apiclient_key.pem, not apiclient_cert.pem)"
                : "set it to a public key (openssl x509 -pubkey -noout -in FILE prints a certificate's)"
            return Complaint("is a certificate; a \(wanted) key is required", remedy: remedy)
        case .isPublic:
            let remedy = "set it to the file of the matching private key"
            return Complaint("is a public key; the private key is required", remedy: remedy)
        case .isPrivate:
            let remedy = "set it to the public key from the provider's console, not your own key"
            return Complaint("is a private key; the provider's public key is required", remedy: remedy)
        case .isEncrypted:
            let remedy =
                isPrivateWanted
                ? "remove the passphrase (openssl pkey -in FILE -out PLAIN), and restrict the file to the service's user"
                : "set it to the public key from the provider's console"
            return Complaint("is an encrypted private key", remedy: remedy)
        case .isNotRSA(let name):
            let remedy =
                isPrivateWanted
                ? "create an RSA key (openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048) and register it"
                : "copy the provider's RSA key (Alipay: RSA2)"
            return Complaint("is \(name) key; an RSA key is required", remedy: remedy)
        case .damaged:
            let remedy = "copy the file again, with every character between the BEGIN and END lines"
            return Complaint("is a \(wanted) key that is truncated or changed", remedy: remedy)
        case .unreadable:
            let forms = isPrivateWanted ? "PKCS#1 or PKCS#8" : "SubjectPublicKeyInfo or PKCS#1"
            return Complaint(
                "is a file that holds no RSA key", remedy: "write the key as \(forms), in PEM or as bare base64")
        case .tooShort:
            let remedy =
                isPrivateWanted
                ? "create a key of 2048 bits or more, and register it at the provider"
                : "copy the provider's key again; it has at least 2048 bits"
            return Complaint("is a key of less than 2048 bits", remedy: remedy)
        }
    }
}
