import Foundation
import Testing

/// The diagram of the targets in `docs/architecture.md` and the manifest say the same.
@Suite struct TargetDiagramTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(of file: String) throws -> String {
        try String(contentsOf: root.appending(path: file), encoding: .utf8)
    }

    @Test func `the diagram shows the dependencies of the manifest, without those that follow from others`() throws {
        let targets = try Self.targets()
        #expect(targets.count > 10)
        #expect(try Self.arrows() == Self.arrows(of: targets))
    }

    @Test func `the table has a row for each target`() throws {
        let rows = try Self.section().matches(of: /(?m)^\| `([^`]+)` \|/).map { String($0.1) }
        #expect(Set(rows) == Set(try Self.targets().keys))
        #expect(rows.count == Set(rows).count)
    }

    /// The text between the page's markers.
    private static func section() throws -> Substring {
        let page = try text(of: "docs/architecture.md")
        return try #require(page.firstMatch(of: /(?s)<!-- targets -->(.*)<!-- \/targets -->/)).1
    }

    private static func arrows() throws -> Set<String> {
        Set(try section().matches(of: /([\w-]+) --> ([\w-]+)/).map { "\($0.1) --> \($0.2)" })
    }

    private static func arrows(of targets: [String: Set<String>]) -> Set<String> {
        var arrows: Set<String> = []
        for (target, dependencies) in targets {
            for dependency in dependencies {
                let others = dependencies.filter { $0 != dependency }
                if others.contains(where: { reaches($0, dependency, targets) }) { continue }
                arrows.insert("\(target) --> \(dependency)")
            }
        }
        return arrows
    }

    private static func reaches(_ start: String, _ end: String, _ targets: [String: Set<String>]) -> Bool {
        start == end || targets[start, default: []].contains { reaches($0, end, targets) }
    }

    /// The targets of the product with their dependencies in this package, without libraries of the system.
    private static func targets() throws -> [String: Set<String>] {
        // A target's call begins and ends at the manifest's own indentation.
        let calls = try text(of: "Package.swift").matches(
            of: /(?ms)^ {8}\.(target|executableTarget|systemLibrary)\((.*?)(^ {8}\)|\)),\n(?= {8}[.\/]| {4}\]|\n)/)
        var targets: [String: Set<String>] = [:]
        var systemLibraries: Set<String> = []
        for call in calls {
            let name = String(try #require(call.2.firstMatch(of: /name: "([^"]+)"/)).1)
            if call.1 == "systemLibrary" {
                systemLibraries.insert(name)
                continue
            }
            if let path = call.2.firstMatch(of: /path: "([^"]+)"/)?.1,
                path.hasPrefix("Tests") || path.hasPrefix("Examples")
            {
                continue
            }
            let list = call.2.firstMatch(of: /(?s)dependencies: \[(.*?)\](,\n|, swiftSettings)/)?.1 ?? ""
            let own = list.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"([^"]+)"/).map { String($0.1) }
            targets[name] = Set(own)
        }
        return targets.mapValues { $0.subtracting(systemLibraries) }
    }
}
