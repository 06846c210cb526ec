import ArgumentParser

/// Prints the page docs/configuration.md. Hidden from `--help`: `paypage serve --help` is the list for operators.
struct PrintSettings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Prints every setting as a Markdown page.", shouldDisplay: false)

    func run() {
        print(ConfigurationPage.text, terminator: "")
        Output.flush()
    }
}
