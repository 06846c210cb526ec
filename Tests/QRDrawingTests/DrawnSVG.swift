import Foundation
import FoundationXML
import Testing

/// An SVG read by an XML parser, and a small renderer of the elements that a QR code needs.
final class DrawnSVG: NSObject, XMLParserDelegate {
    struct Element: Equatable {
        let name: String
        let attributes: [String: String]
    }

    private(set) var elements: [Element] = []

    init(_ text: String) throws {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        try #require(parser.parse(), "not well-formed: \(text.prefix(200))")
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append(Element(name: name, attributes: attributes))
    }

    func attribute(_ name: String, of element: String) throws -> String {
        let found = elements.filter { $0.name == element }
        try #require(found.count == 1, "\(element) stands \(found.count) times")
        return try #require(found[0].attributes[name], "\(element) has no \(name)")
    }

    /// The picture, with each unit of the view box as a square of `scale` pixels.
    func raster(scale: Int) throws -> Raster {
        let box = try attribute("viewBox", of: "svg").split(separator: " ").compactMap { Int($0) }
        try #require(box.count == 4 && box[0] == 0 && box[1] == 0 && box[2] == box[3])
        try #require(try attribute("fill", of: "rect") == "#fff")
        try #require(try attribute("width", of: "rect") == "\(box[2])")
        try #require(try attribute("height", of: "rect") == "\(box[2])")
        try #require(try attribute("stroke", of: "path") == "#000")
        var raster = Raster(side: box[2] * scale)
        var (x, y) = (0.0, 0.0)
        for (command, numbers) in try commands() {
            switch (command, numbers.count) {
            case ("M", 2): (x, y) = (numbers[0], numbers[1])
            case ("m", 2): (x, y) = (x + numbers[0], y + numbers[1])
            case ("h", 1):
                // A line without caps, one unit wide, half of it on each side.
                let columns = Int(x * Double(scale))..<Int((x + numbers[0]) * Double(scale))
                let rows = Int((y - 0.5) * Double(scale))..<Int((y + 0.5) * Double(scale))
                raster.darken(columns: columns, rows: rows)
                x += numbers[0]
            case _: Issue.record("unsupported path command: \(command)\(numbers)")
            }
        }
        return raster
    }

    private func commands() throws -> [(Character, [Double])] {
        var commands: [(Character, [Double])] = []
        var rest = try attribute("d", of: "path")[...]
        while let command = rest.popFirst() {
            let numbers = rest.prefix { !$0.isLetter }
            rest = rest[numbers.endIndex...]
            commands.append((command, numbers.split(separator: " ").compactMap { Double($0) }))
        }
        return commands
    }
}
