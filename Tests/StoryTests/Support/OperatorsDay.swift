import Foundation
import Synchronization
import Testing

/// A part of docs/operations/operators-day.md, and an operator who runs its commands as they stand, one after the other.
final class OperatorsDay: Sendable {
    private static let page = "docs/operations/operators-day.md"

    struct NotInPage: Error, CustomStringConvertible {
        let description: String
    }

    private let part: String
    private let story: Story
    /// The settings that the service runs with, for the commands beside it.
    private let settings: [String: String]
    /// The page's names of places, and those of the story.
    private let places: [(page: String, story: String)]
    private let left: Mutex<[String]>

    /// - Parameter part: the heading of the part.
    init(
        _ part: String, of story: Story, settings: [String: String] = [:], places: [(page: String, story: String)] = []
    ) throws {
        self.part = part
        self.story = story
        self.settings = story.database.merging(settings) { $1 }
        self.places = places
        let commands = try Self.commands(of: part)
        guard !commands.isEmpty else { throw NotInPage(description: "no commands below \(part) in \(Self.page)") }
        left = Mutex(commands)
    }

    /// Runs the next command of the page, which must begin with these words.
    func run(_ beginning: String) async throws -> Paypage.Run {
        let next = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let command = next, command == beginning || command.hasPrefix(beginning + " ") else {
            throw NotInPage(
                description: "the next command below \(part) is \(next ?? "missing"), and not \(beginning) …")
        }
        return try await run(line: command)
    }

    /// Runs the next command of the page until its output is accepted, as an operator who looks again.
    func run(_ beginning: String, until what: String, _ accept: @escaping @Sendable (String) -> Bool) async throws {
        let command = left.withLock { $0.first ?? "" }
        _ = try await run(beginning)
        try await poll(what, within: .seconds(60), every: .milliseconds(300)) { [self] in
            try await accept(run(line: command).output) ? () : nil
        }
    }

    /// Every command of the part was run.
    func end() {
        #expect(left.withLock { $0 } == [], "commands below \(part) that the story did not run")
    }

    /// By the shell, so that a command can have quotes, a pipe and a variable.
    private func run(line: String) async throws -> Paypage.Run {
        let tools = "\(story.folder)/tools"
        try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
        if !FileManager.default.fileExists(atPath: "\(tools)/paypage") {
            try FileManager.default.createSymbolicLink(
                atPath: "\(tools)/paypage", withDestinationPath: try Paypage.executable())
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let here = places.reduce(line) { $0.replacingOccurrences(of: $1.page, with: $1.story) }
        return try await Paypage.run(
            "/bin/sh", ["-c", here], settings: settings.merging(["PATH": "\(tools):\(path)"]) { $1 }, in: story.folder)
    }

    /// The lines of the blocks marked `sh` below a heading, up to the next heading.
    static func commands(of part: String) throws -> [String] {
        var commands: [String] = []
        var (isPart, isBlock) = (false, false)
        for line in try Repository.text(page).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isBlock = !isBlock && line == "```sh"
            } else if isBlock, isPart, !line.isEmpty {
                commands.append(String(line))
            } else if line.hasPrefix("## ") {
                isPart = line == "## \(part)"
            }
        }
        return commands
    }
}
