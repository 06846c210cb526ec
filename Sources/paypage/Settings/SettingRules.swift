import Foundation
import PayCore

/// A rule: converts the text of a value, or throws what is wrong with it.
typealias Rule<Value> = (String) throws(Complaint) -> Value

/// The rules for values.
enum SettingRules {
    static let isEmpty = Complaint("is empty", remedy: "set a value, or remove the key")

    static func present(_ text: String) throws(Complaint) -> String {
        guard !text.isEmpty else { throw isEmpty }
        return text
    }

    /// The text without the white space around it, such as the line break at the end of a pasted file.
    ///
    /// A secret in quotation marks is refused. A shell removes the marks and `docker run --env-file` keeps them, so the
    /// two sides of a signature would hold different keys.
    static func cleaned(_ text: String, isSecret: Bool) throws(Complaint) -> String {
        let text = try present(text.trimmingCharacters(in: .whitespacesAndNewlines))
        if isSecret, [text.first, text.last].contains(where: { $0.map(quotationMarks.contains) ?? false }) {
            throw Complaint(
                "begins or ends with a quotation mark", remedy: "remove the quotation marks around the value")
        }
        return text
    }

    private static let quotationMarks: Set<Character> = ["\"", "'", "`", "“", "”", "„", "‘", "’", "‚", "«", "»"]

    /// The items between the commas.
    static func items(of text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    static func port(_ text: String) throws(Complaint) -> Int {
        guard text.isASCIIDigits, let port = Int(text), (0...65535).contains(port) else {
            throw Complaint("is not a port number", remedy: "set it to a number from 0 to 65535")
        }
        return port
    }

    /// The most open files of a process on the largest systems.
    private static let mostConnections = 1_000_000

    static func connections(_ text: String) throws(Complaint) -> Int {
        guard text.isASCIIDigits, let count = Int(text), (1...mostConnections).contains(count) else {
            throw Complaint("is not a valid number", remedy: "set it to a number from 1 to \(mostConnections)")
        }
        return count
    }

    static func truth(_ text: String) throws(Complaint) -> Bool {
        guard let truth = Bool(text) else {
            throw Complaint("invalid value\(shown(text))", remedy: "expected true or false")
        }
        return truth
    }

    /// The value in quotation marks, after a space, if it is one short word; nothing otherwise. A longer value may be a
    /// secret that was set for the wrong key.
    static func shown(_ text: String) -> String {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let isWord = text.utf8.allSatisfy { letters.contains($0 | 0x20) || "_-".utf8.contains($0) }
        return isWord && (1...16).contains(text.utf8.count) ? " \"\(text)\"" : ""
    }

    /// One of the words of an enum.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws(Complaint) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: " or ")
            throw Complaint("invalid value\(shown(text))", remedy: "expected \(words)")
        }
        return choice
    }

    /// In bytes.
    static func memory(_ mebibytes: String) throws(Complaint) -> Int {
        guard mebibytes.isASCIIDigits, let number = Int(mebibytes), (0...mostMebibytes).contains(number)
        else {
            let remedy = "set it to a whole number of MiB, at most \(mostMebibytes)"
            throw Complaint("is not an amount of memory", remedy: remedy)
        }
        return number << 20
    }

    /// A terabyte.
    private static let mostMebibytes = 1 << 20

    static func readableFile(_ path: String) throws(Complaint) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Complaint("is not an existing file", remedy: "set it to a file that exists")
        }
        // The path of an existing folder is not a misplaced secret, so it may be shown.
        if isDirectory.boolValue {
            throw Complaint("is the folder \(path); a file is required", remedy: "set it to a file in that folder")
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Complaint("is a file that cannot be read", remedy: "grant the service read access")
        }
        return path
    }

    /// WeChat keeps no trade open for longer.
    static let longestOrder = Duration.seconds(15 * 86_400)

    static func sandboxChannel(_ text: String) throws(Complaint) -> Channel {
        guard let channel = Channel(text), channel.name.hasPrefix("sandbox") else {
            let remedy = "start it with sandbox, continue with a-z, 0-9 and _, up to \(Channel.longest) characters"
            throw Complaint("is not the name of a sandbox channel", remedy: remedy)
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
                    "is too short: \(secret.byteCount) bytes",
                    remedy: "set it to at least \(shortest) random bytes (openssl rand -hex 32)")
            }
            return secret
        }
    }

    /// The length of the SHA-256 that the secrets are used with.
    static let shortestSecret = 32
}
