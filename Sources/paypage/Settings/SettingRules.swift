import Foundation
import PayCore

/// A rule: takes a value's text and gives the value, or throws what is wrong with it.
typealias Rule<Value> = (String) throws(Complaint) -> Value

/// What a value must be, rule by rule.
enum SettingRules {
    static let isEmpty = Complaint("is empty", remedy: "give it a value, or leave it out")

    static func present(_ text: String) throws(Complaint) -> String {
        guard !text.isEmpty else { throw isEmpty }
        return text
    }

    /// The text without the white space around it, such as the line break at the end of a file that was pasted in.
    ///
    /// A secret in quotation marks is refused: a shell removes the marks, `docker run --env-file` keeps them, and then the two
    /// sides of a signature hold different keys.
    static func cleaned(_ text: String, isSecret: Bool) throws(Complaint) -> String {
        let text = try present(text.trimmingCharacters(in: .whitespacesAndNewlines))
        if isSecret, [text.first, text.last].contains(where: { $0.map(quotationMarks.contains) ?? false }) {
            throw Complaint(
                "begins or ends with a quotation mark", remedy: "remove the quotation marks around the value")
        }
        return text
    }

    private static let quotationMarks: Set<Character> = ["\"", "'", "`", "“", "”", "„", "‘", "’", "‚", "«", "»"]

    /// What stands between the commas.
    static func items(of text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    static func port(_ text: String) throws(Complaint) -> Int {
        guard text.utf8.allSatisfy(\.isDigit), let port = Int(text), (0...65535).contains(port) else {
            throw Complaint("is not a port", remedy: "set it to a number from 0 to 65535")
        }
        return port
    }

    /// As many as a process may have open files for, on the largest systems.
    private static let mostConnections = 1_000_000

    static func connections(_ text: String) throws(Complaint) -> Int {
        guard text.utf8.allSatisfy(\.isDigit), let count = Int(text), (1...mostConnections).contains(count) else {
            throw Complaint("is no such number", remedy: "set it to a number from 1 to \(mostConnections)")
        }
        return count
    }

    /// With more, the first to come would wait too long for the last.
    private static let mostWritesPerCommit = 1_000

    static func writesPerCommit(_ text: String) throws(Complaint) -> Int {
        guard text.utf8.allSatisfy(\.isDigit), let count = Int(text), (1...mostWritesPerCommit).contains(count) else {
            throw Complaint("is no such number", remedy: "set it to a number from 1 to \(mostWritesPerCommit)")
        }
        return count
    }

    static func truth(_ text: String) throws(Complaint) -> Bool {
        guard let truth = Bool(text) else {
            throw Complaint("is neither true nor false", remedy: "set it to true or false")
        }
        return truth
    }

    /// One of an enum's own words.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws(Complaint) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: " or ")
            throw Complaint("has a value that it doesn't know", remedy: "set it to \(words)")
        }
        return choice
    }

    static func databasePath(_ text: String) throws(Complaint) -> String {
        let scheme = "sqlite:"
        guard text.hasPrefix(scheme), text.count > scheme.count else {
            throw Complaint("is not a SQLite database", remedy: "write it as sqlite:PATH")
        }
        let rest = text.dropFirst(scheme.count)
        // `sqlite:///data/x` is how other tools write `/data/x`; `sqlite://data/x` would silently be the same.
        let path = String(rest.hasPrefix("///") ? rest.dropFirst(2) : rest)
        guard !path.hasPrefix("//"), !path.hasPrefix(":"), !path.hasPrefix("file:") else {
            throw Complaint("doesn't name a plain file", remedy: "write it as sqlite:PATH, as in sqlite:/var/lib/x.db")
        }
        return path
    }

    /// In bytes.
    static func memory(_ mebibytes: String) throws(Complaint) -> Int {
        guard mebibytes.utf8.allSatisfy(\.isDigit), let number = Int(mebibytes), (0...mostMebibytes).contains(number)
        else {
            let remedy = "set it to a whole number of MiB, at most \(mostMebibytes)"
            throw Complaint("is no amount of memory", remedy: remedy)
        }
        return number << 20
    }

    /// A terabyte.
    private static let mostMebibytes = 1 << 20

    static func readableFile(_ path: String) throws(Complaint) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Complaint("names no file", remedy: "name a file that exists")
        }
        // The path of a folder that exists is no secret that was put here by mistake, so it may be shown.
        if isDirectory.boolValue {
            throw Complaint("names the folder \(path), and a file is required", remedy: "name the file in that folder")
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Complaint("names a file that can't be read", remedy: "let the service read it")
        }
        return path
    }

    /// WeChat keeps no trade open for longer.
    static let longestOrder = Duration.seconds(15 * 86_400)

    static func sandboxChannel(_ text: String) throws(Complaint) -> Channel {
        guard let channel = Channel(text), channel.name.hasPrefix("sandbox") else {
            let remedy = "begin it with sandbox, and go on with a-z, 0-9 and _, up to \(Channel.longest) in all"
            throw Complaint("is no name for a sandbox channel", remedy: remedy)
        }
        return channel
    }
}

extension SettingRules {
    static func secret(atLeast shortest: Int) -> Rule<Secret> {
        { text throws(Complaint) in
            let secret = Secret(text)
            guard secret.byteCount >= shortest else {
                throw Complaint(
                    "has \(secret.byteCount) bytes, which is too short",
                    remedy: "set it to at least \(shortest) bytes that can't be guessed (openssl rand -hex 32)")
            }
            return secret
        }
    }

    /// As long as the SHA-256 that they key.
    static let shortestSecret = 32

    /// A shorter API key is taken, because it is the merchant's to choose, but the log says so.
    static let shortestStrongAPIKey = 16

    static func apiKey(_ text: String) throws(Complaint) -> Secret {
        let key = Secret(text)
        guard key.reveal().utf8.allSatisfy(isVisible) else {
            let remedy = "set it to visible ASCII characters that nobody can guess (openssl rand -hex 32)"
            throw Complaint("is not an API key", remedy: remedy)
        }
        return key
    }

    /// ASCII that leaves a trace on paper: what an HTTP header carries as it is.
    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
