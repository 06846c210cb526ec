import ArgumentParser
import Foundation
import PayProviders

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks settings, keys, clocks and addresses, and prints a line with the fix for each problem.",
        discussion: """
            Reads the same settings as serve, and changes nothing. Queries each configured provider for a trade that \
            does not exist, to check the keys of the account. Exits with 1 if a line says FAIL.
            """)

    @Option(help: "A YAML or JSON file with settings.")
    var config: String?

    @Flag(help: "Check as serve --dev would start: keys that it generates may be missing.")
    var dev = false

    @OptionGroup var output: OutputOption

    func run() async throws {
        let findings = await findings()
        output.print(
            text: findings.map(\.description).joined(separator: "\n"), json: FindingListJSON(findings))
        Output.flush()
        if findings.contains(where: { $0.grade == .failure }) { throw ExitCode.failure }
    }

    private func findings() async -> [Finding] {
        let environment = ProcessInfo.processInfo.environment
        do {
            let settings = try Settings.load(
                environment: environment, configFile: config, dev: dev, randomSecret: RandomSecret.make)
            let transport = CurlTransport(
                limits: .init(
                    connectTimeout: settings.provider.connectTimeout, totalTimeout: settings.provider.timeout),
                authoritiesFile: settings.provider.authoritiesFile)
            let findings = await Checkup(settings: settings, transport: transport, clock: SystemClock()).findings()
            await transport.close()
            return findings
        } catch {
            let database = try? Settings.databaseOnly(environment: environment, configFile: config)
            let mistakes = error.all.map(Finding.init)
            guard let database else { return mistakes }
            return mistakes
                + DatabaseCheck(address: database.address, durability: database.durability).findings()
        }
    }
}
