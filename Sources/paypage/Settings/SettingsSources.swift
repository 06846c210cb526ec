import Configuration
import PayCore

/// The sources of values: the environment, then the file. Unknown names are mistakes from the start.
struct SettingsSources {
    let values: ConfigReader
    /// The texts of `channels.NAME.accept`, by channel.
    let channelAccepts: [Channel: String]
    let mistakes: [SettingMistake]

    /// A file that can't be read hides its values: only the mistakes found so far are thrown, and no others are
    /// concluded.
    init(environment: [String: String], configFile: String?) throws(SettingsMistakes) {
        let (variables, accepts, strangers) = Self.known(environment)
        do {
            let file = try configFile.map { path throws(Complaint) in try SettingsFile(path: path) }
            let inFile = Self.provider(of: file?.values ?? [:])
            self.values = ConfigReader(providers: [Self.provider(of: variables), inFile])
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

    private static func provider(of variables: [SettingKey: String]) -> EnvironmentVariablesProvider {
        let prefix = SettingName.variablePrefix.count
        let spelling = { (key: SettingKey) in String(SettingName.variable(for: key.name).dropFirst(prefix)) }
        return EnvironmentVariablesProvider(
            environmentVariables: Dictionary(uniqueKeysWithValues: variables.map { (spelling($0.key), $0.value) }),
            secretsSpecifier: .specific(Set(SettingKey.allCases.filter(\.isSecret).map(spelling)))
        )
    }

    private static func provider(of file: [SettingKey: SettingsFile.Value]) -> InMemoryProvider {
        let values = file.map { key, value in
            (AbsoluteConfigKey(ConfigKey(key.name)), ConfigValue(value.content(for: key), isSecret: key.isSecret))
        }
        return InMemoryProvider(name: "--config", values: Dictionary(uniqueKeysWithValues: values))
    }
}

extension SettingsFile.Value {
    /// The value in the form that its key needs: the library converts nothing.
    fileprivate func content(for key: SettingKey) -> ConfigContent {
        switch self {
        case .text(let text) where key.isList: .stringArray(SettingRules.items(of: text))
        case .text(let text): .string(text)
        case .list(let items): .stringArray(items)
        }
    }
}
