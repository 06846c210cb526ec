import PayCore

/// The sources of values: the environment, then the file. Unknown names are mistakes from the start.
struct SettingsSources {
    /// The keys of the service, and those of the channels that have a short form, in either form.
    let values: [SettingKey: SettingsFile.Value]
    /// The keys among ``values`` that are written as `channels.NAME.WORD`.
    let longForms: Set<SettingKey>
    /// The other keys of channels, by channel and word.
    let channels: [Channel: [String: SettingsFile.Value]]
    /// The keys of the webhook endpoints with a name of the operator's choice.
    let endpoints: [EndpointWord: SettingsFile.Value]
    let mistakes: [SettingMistake]

    /// A file that can't be read hides its values: only the mistakes found so far are thrown, and no others are
    /// concluded.
    init(environment: [String: String], configFile: String?) throws(SettingsMistakes) {
        let variables = SettingsSource(environment)
        do {
            let file = try configFile.map { path throws(Complaint) in SettingsSource(try SettingsFile(path: path)) }
            let merged = file?.overridden(by: variables) ?? variables
            values = merged.values
            longForms = merged.longForms
            channels = merged.channels
            endpoints = merged.endpoints
            mistakes = merged.mistakes
        } catch {
            let illegible = SettingMistake(subject: .configFile(path: configFile ?? ""), complaint: error)
            throw SettingsMistakes(all: variables.mistakes + [illegible])
        }
    }
}

/// The values of one source.
private struct SettingsSource {
    private(set) var values: [SettingKey: SettingsFile.Value] = [:]
    private(set) var longForms: Set<SettingKey> = []
    private(set) var channels: [Channel: [String: SettingsFile.Value]] = [:]
    private(set) var endpoints: [EndpointWord: SettingsFile.Value] = [:]
    private(set) var mistakes: [SettingMistake] = []

    init(_ file: SettingsFile) {
        values = file.values
        endpoints = file.endpoints
        mistakes = file.mistakes
        take(file.channels)
    }

    /// Our variables, and a mistake for each unknown variable with our prefix.
    init(_ environment: [String: String]) {
        var words: [ChannelWord: SettingsFile.Value] = [:]
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where variable.hasPrefix(SettingName.variablePrefix) {
            switch SettingName.name(ofVariable: variable).map(SettingName.init) {
            case .key(let key): values[key] = .text(value)
            case .channel(let word): words[word] = .text(value)
            case .endpoint(let word): endpoints[word] = .text(value)
            case .group, .badChannel, .badEndpoint, .unknown, nil: mistakes.append(Self.stranger(variable))
            }
        }
        take(words)
    }

    /// `channels.alipay.app.id` is the key `alipay.app.id`.
    private mutating func take(_ words: [ChannelWord: SettingsFile.Value]) {
        for (word, value) in words.sorted(by: { $0.key.name < $1.key.name }) {
            guard let key = word.shortForm else {
                channels[word.channel, default: [:]][word.word] = value
                continue
            }
            if values[key] != nil {
                let complaint = Complaint("is set twice: \(key.name) is the same key", remedy: "remove one of them")
                mistakes.append(SettingMistake(subject: .key(word.name), complaint: complaint))
            }
            values[key] = value
            longForms.insert(key)
        }
    }

    func overridden(by other: SettingsSource) -> SettingsSource {
        var merged = self
        merged.values.merge(other.values) { $1 }
        merged.longForms = longForms.subtracting(other.values.keys).union(other.longForms)
        merged.channels.merge(other.channels) { $0.merging($1) { $1 } }
        merged.endpoints.merge(other.endpoints) { $1 }
        merged.mistakes = other.mistakes + mistakes
        return merged
    }

    private static func stranger(_ variable: String) -> SettingMistake {
        let remedy = SettingName.nearestVariable(to: variable).map { "did you mean \($0)?" } ?? "unset it"
        let complaint = Complaint("is an unknown variable", remedy: remedy)
        return SettingMistake(subject: .variable(variable), complaint: complaint)
    }
}

extension SettingsFile.Value {
    /// The value of a key that takes one text. Nil for a list, which such a key never has.
    var text: String? {
        switch self {
        case .text(let text): text
        case .list: nil
        }
    }

    /// The values of a key that takes several: a list, or one text with commas.
    var items: [String] {
        switch self {
        case .text(let text): SettingRules.items(of: text)
        case .list(let items): items
        }
    }
}
