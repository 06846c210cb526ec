import Foundation
import PayCore
import Yams

/// The `--config` file, YAML or JSON (which is YAML too), with flat keys: `http: {port: 80}` and `http.port: 80` are
/// the same.
struct SettingsFile {
    enum Value {
        case text(String)
        case list([String])
    }

    private(set) var values: [SettingKey: Value] = [:]
    private(set) var channels: [ChannelWord: Value] = [:]
    private(set) var endpoints: [EndpointWord: Value] = [:]
    private(set) var mistakes: [SettingMistake] = []
    private let path: String

    /// Throws if the file as a whole is unreadable. Mistakes in its keys are in ``mistakes``.
    init(path: String) throws(Complaint) {
        self.path = path
        let text = try Self.text(at: path)
        guard let root = try Self.root(of: text), !root.isEmptyValue else { return }
        guard case .mapping(let mapping) = root else {
            throw Complaint("is not a map of keys and values", remedy: "write `key: value` lines or a JSON object")
        }
        read(mapping, under: "")
    }

    private static func text(at path: String) throws(Complaint) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Complaint("does not exist", remedy: "name a file that exists, or remove --config")
        }
        guard !isDirectory.boolValue else {
            throw Complaint("is a folder; a file is required", remedy: "name a file in that folder")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Complaint("cannot be read", remedy: "grant the service read access (chmod, chown)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Complaint("is not UTF-8 text", remedy: "save it as UTF-8")
        }
        return text
    }

    private static func root(of text: String) throws(Complaint) -> Node? {
        do {
            return try compose(yaml: text)
        } catch {
            throw Complaint("is neither YAML nor JSON\(place(of: error))", remedy: "correct the syntax")
        }
    }

    /// Only the place of the error: the library's own text repeats the line, which may hold a secret.
    private static func place(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            " at line \(mark.line), column \(mark.column) (\(problem))"
        case .duplicatedKeysInMapping(_, let context): " at line \(context.mark.line) (duplicate key)"
        default: ""
        }
    }
}

extension SettingsFile {
    private mutating func read(_ mapping: Node.Mapping, under prefix: String) {
        for (word, value) in mapping {
            guard let word = word.scalar?.string, word.isKeyWord else {
                let line = word.mark.map { "line \($0.line)" } ?? "a line"
                let complaint = Complaint("has an invalid key on \(line)", remedy: "write it as `key: value`")
                mistakes.append(SettingMistake(subject: .configFile(path: path), complaint: complaint))
                continue
            }
            read(value, named: prefix + word)
        }
    }

    private mutating func read(_ node: Node, named name: String) {
        switch (SettingName(name), node) {
        // `app.id` is a key, and the group of `app.id.jsapi`.
        case (.key, .mapping(let mapping)) where SettingName.isGroup(name): read(mapping, under: name + ".")
        case (.channel, .mapping(let mapping)) where SettingName.isGroup(name): read(mapping, under: name + ".")
        case (.key(let key), _): keep(node, named: name, isList: key.isList, in: \.values[key])
        case (.channel(let word), _): keep(node, named: name, isList: word.isList, in: \.channels[word])
        case (.endpoint(let word), _): keep(node, named: name, isList: word.key.isList, in: \.endpoints[word])
        case (.group, .mapping(let mapping)): read(mapping, under: name + ".")
        case (.group, _) where node.isEmptyValue: break  // `http:` whose lines are all commented out
        case (.badChannel, _):
            let remedy = "use up to \(Channel.longest) of a-z, 0-9 and _, the first a letter, and not the name order"
            complain(of: name, Complaint("has a name that no channel can have", remedy: remedy))
        case (.badEndpoint, _):
            let remedy =
                "use up to \(EndpointName.longest) of a-z, 0-9 and _, the first a letter; "
                + "the endpoint default is webhook.url"
            complain(of: name, Complaint("has a name that no endpoint can have", remedy: remedy))
        case (.group, _): complain(of: name, Complaint("is a group of keys", remedy: "set a key in the group"))
        case (.unknown, .mapping(let mapping)) where !mapping.isEmpty: read(mapping, under: name + ".")
        case (.unknown(let near), _):
            let remedy = near.map { "did you mean \($0)?" } ?? "remove it"
            complain(of: name, Complaint("is an unknown key", remedy: remedy))
        }
    }

    private mutating func keep(
        _ node: Node, named name: String, isList: Bool, in place: WritableKeyPath<SettingsFile, Value?>
    ) {
        guard self[keyPath: place] == nil else {
            return complain(of: name, Complaint("is in the file twice", remedy: "remove one of them"))
        }
        switch node {
        case .scalar(let scalar): self[keyPath: place] = .text(node.isEmptyValue ? "" : scalar.string)
        case .sequence(let nodes) where isList && nodes.allSatisfy { $0.scalar != nil }:
            self[keyPath: place] = .list(nodes.map { $0.isEmptyValue ? "" : $0.scalar?.string ?? "" })
        case .sequence, .mapping, .alias:
            let remedy = isList ? "write a list, or a string with commas" : "write one string or number"
            complain(of: name, Complaint("has a value of the wrong type", remedy: remedy))
        }
    }

    private mutating func complain(of name: String, _ complaint: Complaint) {
        mistakes.append(SettingMistake(subject: .key(name), complaint: complaint))
    }
}

extension Node {
    /// Whether the value is missing, or `null`.
    fileprivate var isEmptyValue: Bool { tag == Tag(.null) }
}

extension String {
    /// Whether the text is short and looks like a key or a part of one. Only such a text is repeated in a message.
    fileprivate var isKeyWord: Bool {
        isASCIIAlphanumeric(or: "._-", 1...64)
    }
}
