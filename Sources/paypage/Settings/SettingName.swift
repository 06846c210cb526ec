import PayCore

/// The meaning of a name in a file or a variable.
enum SettingName {
    case key(SettingKey)
    /// `channels.NAME.accept`: whether a channel accepts new attempts.
    case channelAccept(Channel)
    /// The prefix of a key, such as `http`.
    case group
    /// An unknown name, with the nearest known name if one is near.
    case unknown(near: String?)

    init(_ name: String) {
        if let key = SettingKey(rawValue: name) {
            self = .key(key)
        } else if let channel = Self.channelAccept(named: name) {
            self = .channelAccept(channel)
        } else if Self.known.contains(where: { $0.hasPrefix(name + ".") }) || Self.isGroupOfChannels(name) {
            self = .group
        } else {
            self = .unknown(near: Self.nearest(to: name))
        }
    }
}

extension SettingName {
    static let known = SettingKey.allCases.map(\.name)

    /// Whether the name has a value, and so a variable.
    static func isSettable(_ name: String) -> Bool {
        switch SettingName(name) {
        case .key, .channelAccept: true
        case .group, .unknown: false
        }
    }

    static let variablePrefix = "PAYPAGE_"

    static func channelAccept(_ channel: String) -> String { "channels.\(channel).accept" }

    private static func channelAccept(named name: String) -> Channel? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "channels", parts[2] == "accept" else { return nil }
        return Channel(String(parts[1]))
    }

    private static func isGroupOfChannels(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts[0] == "channels" && (parts.count == 1 || (parts.count == 2 && Channel(String(parts[1])) != nil))
    }

    /// `http.port` is `PAYPAGE_HTTP_PORT`.
    static func variable(for name: String) -> String {
        variablePrefix + String(name.uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// The name whose variable is exactly `variable`.
    static func name(ofVariable variable: String) -> String? {
        known.first { Self.variable(for: $0) == variable } ?? channelAccept(ofVariable: variable)
    }

    private static func channelAccept(ofVariable variable: String) -> String? {
        let (prefix, suffix) = (variablePrefix + "CHANNELS_", "_ACCEPT")
        guard variable.hasPrefix(prefix), variable.hasSuffix(suffix), variable.count > prefix.count + suffix.count,
            let channel = Channel(variable.dropFirst(prefix.count).dropLast(suffix.count).lowercased())
        else { return nil }
        let name = channelAccept(channel.name)
        return Self.variable(for: name) == variable ? name : nil
    }

    /// The known variable that an unknown one may have meant.
    static func nearestVariable(to variable: String) -> String? {
        let words = variable.dropFirst(variablePrefix.count).lowercased()
        return nearest(to: String(words.map { $0 == "_" ? "." : $0 })).map(Self.variable)
    }

    /// Nil if no known name is near enough: a typing error changes two letters, or one in five of a long name.
    static func nearest(to name: String) -> String? {
        let distances = known.map { (name: $0, distance: editDistance(from: name, to: $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, best.name.count / 5) ? best.name : nil
    }

    /// The number of letters to insert, delete or replace to get from one text to the other (Levenshtein).
    static func editDistance(from source: String, to target: String) -> Int {
        let target = Array(target)
        var row = Array(0...target.count)
        for (sourceIndex, letter) in source.enumerated() {
            var diagonal = row[0]
            row[0] = sourceIndex + 1
            for targetIndex in target.indices {
                let replaced = diagonal + (letter == target[targetIndex] ? 0 : 1)
                diagonal = row[targetIndex + 1]
                row[targetIndex + 1] = min(replaced, row[targetIndex] + 1, diagonal + 1)
            }
        }
        return row[target.count]
    }
}
