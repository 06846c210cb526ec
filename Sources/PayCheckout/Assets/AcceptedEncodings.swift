import HTTPTypes
import Hummingbird

extension Request {
    private static let longestAcceptEncoding = 256

    /// Whether `Accept-Encoding` allows gzip (RFC 9110, 12.5.3).
    var acceptsGzip: Bool {
        let header = headers[values: .acceptEncoding].joined(separator: ",").prefix(Self.longestAcceptEncoding)
        var byStar = false
        for entry in header.split(separator: ",") {
            let parts = entry.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let coding = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            switch coding {
            case "gzip", "x-gzip": return weight > 0
            case "*": byStar = weight > 0
            default: break
            }
        }
        return byStar
    }
}
