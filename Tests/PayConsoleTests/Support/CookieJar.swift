import Synchronization

/// The cookies of one host.
final class CookieJar: Sendable {
    private let stored: Mutex<[String: String]>

    init(_ cookies: [String: String]) {
        stored = Mutex(cookies)
    }

    /// The value of `Cookie`. Nil without cookies.
    var header: String? {
        let pairs = stored.withLock { $0.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
        return pairs.isEmpty ? nil : pairs.joined(separator: "; ")
    }

    func value(_ name: String) -> String? { stored.withLock { $0[name] } }

    func set(_ name: String, _ value: String?) { stored.withLock { $0[name] = value } }

    /// Takes a `Set-Cookie`.
    func take(_ header: String) {
        let parts = header.split(separator: ";")
        guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return }
        let isOver = parts.contains { $0.filter { $0 != " " } == "Max-Age=0" }
        set(String(pair[..<equals]), isOver ? nil : String(pair[pair.index(after: equals)...]))
    }
}
