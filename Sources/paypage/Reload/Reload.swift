import ArgumentParser
import Foundation
import PayCore
import PayFlow

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the running service read its settings and key files again.",
        discussion: """
            The settings are checked whole, as at a start, and then put to use at once. Calls in flight finish with the old \
            ones. Prints the names of the settings that changed, and of those that need a restart. With a mistake the \
            service keeps the old settings, and the command fails.

            The command finds the service by the socket reload.socket, beside the database. SIGHUP does the same without \
            an answer.
            """)

    @OptionGroup var author: AuthorOptions

    @Flag(
        help: """
            Replace the PAYPAGE_… variables of the service by those of this command. The systemd unit does, because \
            systemd reads EnvironmentFile for it again.
            """)
    var environment = false

    @OptionGroup var output: OutputOption

    @Option(help: "The YAML or JSON file of the service; only reload.socket and database.url are read.")
    var config: String?

    func run() async throws {
        let variables = ProcessInfo.processInfo.environment
        let path: String
        do {
            path = try Settings.reloadSocket(environment: variables, configFile: config)
        } catch {
            throw CommandFailure("the configuration has mistakes:\n\(error)")
        }
        let actor = try author.actor()
        let request = ReloadRequest(
            by: actor.name.text, host: actor.origin?.text,
            environment: environment ? variables.filter { $0.key.hasPrefix(SettingName.variablePrefix) } : nil)
        let report = try ReloadClient.ask(request, at: path)
        output.print(text: report.text, json: report)
        if report.outcome == .refused { throw ExitCode.failure }
    }
}

extension Settings {
    /// The path of the socket alone, for a command beside the service.
    static func reloadSocket(
        environment: [String: String], configFile: String?
    ) throws(SettingsMistakes) -> String {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: false, randomSecret: { "" })
        let address = reader.value(.databaseURL, SettingRules.databaseAddress)
        guard let address, let path = reader.reloadSocket(address) else {
            throw SettingsMistakes(all: reader.mistakes)
        }
        return path
    }
}

extension SettingsReader {
    /// The path of the socket: as set, or beside the database, or in the working directory.
    mutating func reloadSocket(_ database: DatabaseAddress) -> String? {
        if isSet(.reloadSocket) { return value(.reloadSocket, SettingRules.present) }
        return switch database {
        case .sqlite(let path): "\(path).reload"
        case .postgres: "paypage.reload"
        }
    }
}
