import PayCore

/// The sources of values: the environment, then the file. Unknown names are mistakes from the start.
struct SettingsSources {
    let values: [SettingKey: SettingsFile.Value]
    /// The texts of `channels.NAME.accept`, by channel.
    let channelAccepts: [Channel: String]
    let mistakes: [SettingMistake]

    /// A file that can't be read hides its values: only the mistakes found so far are thrown, and no others are
    /// concluded.
    init(environment: [String: String], configFile: String?) throws(SettingsMistakes) {
        let (variables, accepts, strangers) = Self.known(environment)
        do {
            let file = try configFile.map { path throws(Complaint) in try SettingsFile(path: path) }
            self.values = (file?.values ?? [:]).merging(variables.mapValues { .text($0) }) { $1 }
            self.channelAccepts = (file?.channelAccepts ?? [:]).merging(accepts) { $1 }
            self.mistakes = strangers + (file?.mistakes ?? [])
        } catch {
            let illegible = SettingMistake(subject: .configFile(path: configFile ?? ""), complaint: error)
            throw SettingsMistakes(all: strangers + [illegible])
        }
    }
}

extension SettingsSources {
    /// Our variables by key, and a mistake for each unknown variable with our prefix.
    private static func known(
        _ environment: [String: String]
    ) -> (variables: [SettingKey: String], accepts: [Channel: String], strangers: [SettingMistake]) {
        var variables: [SettingKey: String] = [:]
        var accepts: [Channel: String] = [:]
        var strangers: [SettingMistake] = []
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where variable.hasPrefix(SettingName.variablePrefix) {
            guard let name = SettingName.name(ofVariable: variable) else {
                strangers.append(stranger(variable))
                continue
            }
            switch SettingName(name) {
            case .key(let key): variables[key] = value
            case .channelAccept(let channel): accepts[channel] = value
            case .group, .unknown: strangers.append(stranger(variable))
            }
        }
        return (variables, accepts, strangers)
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
