import Crypto
import PayCore

extension Migration {
    /// SHA-256 of the text, in hexadecimal. A database stores it.
    public var digest: String { Hexadecimal.text(of: SHA256.hash(data: Array(sql.utf8))) }
}
