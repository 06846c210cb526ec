import ArgumentParser
import Foundation
import PayAPI

/// The format of a command's answer.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

/// The option `--output`, which every command has that prints a list or one thing.
struct OutputOption: ParsableArguments {
    @Option(name: .customLong("output"), help: "The format of the answer: text for people, or json for programs.")
    var format: OutputFormat = .text

    /// Prints the answer to standard output. JSON is one line with the API's field names, and nothing else is printed
    /// with it.
    func print(text: @autoclosure () -> String, json: @autoclosure () -> some Encodable) {
        switch format {
        case .text: Swift.print(text())
        case .json: Swift.print(JSONText.of(json()))
        }
    }
}

/// JSON as the API writes it: on one line, with the keys in order.
enum JSONText {
    static func of(_ value: some Encodable) -> String {
        String(decoding: JSONAnswer.bytes(value), as: UTF8.self)
    }
}
