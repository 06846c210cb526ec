/// What a name that somebody wrote stands for.
enum SettingName {
    case key(SettingKey)
    /// What comes before a dot of some key, such as `http`.
    case group
    /// Nothing that we know; the nearest name that we do know, if one is near.
    case unknown(near: String?)

    init(_ name: String) {
        if let key = SettingKey(rawValue: name) {
            self = .key(key)
        } else if Self.known.contains(where: { $0.hasPrefix(name + ".") }) {
            self = .group
        } else {
            self = .unknown(near: Self.nearest(to: name))
        }
    }
}

extension SettingName {
    static let known = SettingKey.allCases.map(\.name)

    static let variablePrefix = "PAYPAGE_"

    /// `http.port` is `PAYPAGE_HTTP_PORT`.
    static func variable(for name: String) -> String {
        variablePrefix + String(name.uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// The name whose variable is exactly `variable`.
    static func name(ofVariable variable: String) -> String? {
        known.first { Self.variable(for: $0) == variable }
    }

    /// The variable that may have been meant by one that is no name's.
    static func nearestVariable(to variable: String) -> String? {
        let words = variable.dropFirst(variablePrefix.count).lowercased()
        return nearest(to: String(words.map { $0 == "_" ? "." : $0 })).map(Self.variable)
    }

    /// Nil when no known name can be meant: a slip is two letters, or one in five of a long name.
    static func nearest(to name: String) -> String? {
        let distances = known.map { (name: $0, distance: editDistance(from: name, to: $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, best.name.count / 5) ? best.name : nil
    }

    /// How many letters must be put in, left out or replaced to get from one text to the other (Levenshtein).
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
