import PayCore

/// The meaning of a name in a file or a variable.
enum SettingName {
    case key(SettingKey)
    /// `channels.NAME.WORD`: a key of one channel.
    case channel(ChannelWord)
    /// `webhook.endpoints.NAME.WORD`: a key of one webhook endpoint.
    case endpoint(EndpointWord)
    /// The prefix of a key, such as `http`.
    case group
    /// `channels.NAME…` with a name that no channel can have.
    case badChannel
    /// `webhook.endpoints.NAME…` with a name that no endpoint can have.
    case badEndpoint
    /// An unknown name, with the nearest known name if one is near.
    case unknown(near: String?)

    init(_ name: String) {
        if let key = SettingKey(rawValue: name) {
            self = .key(key)
        } else if let name = Self.ofChannel(name) ?? Self.ofEndpoint(name) {
            self = name
        } else if Self.known.contains(where: { $0.hasPrefix(name + ".") }) {
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
        case .key, .channel, .endpoint: true
        case .group, .badChannel, .badEndpoint, .unknown: false
        }
    }

    /// Whether longer keys begin with the name.
    static func isGroup(_ name: String) -> Bool {
        if case .channel(let key) = SettingName(name) { return ChannelWord.isGroup(key.word) }
        return known.contains { $0.hasPrefix(name + ".") }
    }

    static let variablePrefix = "PAYPAGE_"

    /// The meaning of `channels.NAME…`; nil for another name.
    private static func ofChannel(_ name: String) -> SettingName? {
        let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, parts[0] == "channels" else { return nil }
        guard let channel = ChannelWord.channel(parts[1]) else { return .badChannel }
        guard parts.count == 3 else { return .group }
        if ChannelWord.known.contains(parts[2]) { return .channel(ChannelWord(channel: channel, word: parts[2])) }
        if ChannelWord.isGroup(parts[2]) { return .group }
        return .unknown(near: nearest(to: parts[2], of: ChannelWord.known).map { ChannelWord.name(parts[1], $0) })
    }

    /// The meaning of `webhook.endpoints…`; nil for another name.
    private static func ofEndpoint(_ name: String) -> SettingName? {
        if name == EndpointWord.group { return .group }
        guard name.hasPrefix(EndpointWord.group + ".") else { return nil }
        let parts = name.dropFirst(EndpointWord.group.count + 1)
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let endpoint = EndpointWord.endpoint(parts[0]) else { return .badEndpoint }
        guard parts.count == 2 else { return .group }
        if let key = EndpointKey(rawValue: parts[1]) { return .endpoint(EndpointWord(endpoint: endpoint, key: key)) }
        let near = nearest(to: parts[1], of: EndpointKey.allCases.map(\.rawValue)).flatMap(EndpointKey.init)
        return .unknown(near: near.map { EndpointWord.name(parts[0], $0) })
    }

    /// `http.port` is `PAYPAGE_HTTP_PORT`.
    static func variable(for name: String) -> String {
        variablePrefix + String(name.uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// The name whose variable is exactly `variable`.
    static func name(ofVariable variable: String) -> String? {
        known.first { Self.variable(for: $0) == variable } ?? ChannelWord(variable: variable)?.name
            ?? EndpointWord(variable: variable)?.name
    }

    /// The known variable that an unknown one may have meant.
    static func nearestVariable(to variable: String) -> String? {
        let words = variable.dropFirst(variablePrefix.count).lowercased()
        let name = String(words.map { $0 == "_" ? "." : $0 })
        return (nearest(to: name) ?? nearestOfChannels(to: words)).map(Self.variable)
    }

    /// A channel's name may have underscores, so every split of `words` into name and key is tried.
    private static func nearestOfChannels(to words: String) -> String? {
        let parts = words.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count > 2, parts[0] == "channels" else { return nil }
        let names = (2..<parts.count).compactMap { end -> (name: String, distance: Int)? in
            guard let channel = ChannelWord.channel(parts[1..<end].joined(separator: "_")) else { return nil }
            let word = parts[end...].joined(separator: ".")
            guard let near = nearest(to: word, of: ChannelWord.known) else { return nil }
            return (ChannelWord.name(channel.name, near), editDistance(from: word, to: near))
        }
        return names.min { $0.distance < $1.distance }?.name
    }

    /// Nil if no known name is near enough: a typing error changes two letters, or one in five of a long name.
    static func nearest(to name: String, of names: [String] = known) -> String? {
        let distances = names.map { (name: $0, distance: editDistance(from: name, to: $0)) }
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
