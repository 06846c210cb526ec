import HTTPTypes
import Hummingbird
import PayCore

/// The names and attributes of the console's cookies.
///
/// With https a cookie has the prefix `__Host-`: browsers then accept it from this host alone, so that no other subdomain
/// can plant one. On loopback without https the prefix is not possible.
struct ConsoleCookies: Hashable, Sendable {
    let isSecure: Bool

    func name(_ stem: String) -> String { isSecure ? "__Host-\(stem)" : stem }

    /// - Parameter life: nil for a cookie that ends with the browser.
    func set(_ stem: String, _ value: String, for life: Duration? = nil) -> ConsoleCookie {
        ConsoleCookie(name: name(stem), value: value, life: life, isSecure: isSecure)
    }

    func remove(_ stem: String) -> ConsoleCookie {
        ConsoleCookie(name: name(stem), value: "", life: .zero, isSecure: isSecure)
    }

    /// The value that the browser sent. Nil if it sent none, or several.
    func value(_ stem: String, in request: Request) -> String? {
        let start = "\(name(stem))="
        let found = request.headers[values: .cookie].joined(separator: ";").split(separator: ";")
            .map { $0.drop { $0 == " " } }.filter { $0.hasPrefix(start) }
        return found.count == 1 ? String(found[0].dropFirst(start.count)) : nil
    }
}

/// A cookie of a response.
struct ConsoleCookie: Hashable, Sendable {
    let name: String
    let value: String
    let life: Duration?
    let isSecure: Bool

    /// The value of `Set-Cookie`. Scripts can't read the cookie, and requests from other sites don't carry it.
    var header: String {
        let age = life.map { "; Max-Age=\($0.components.seconds)" } ?? ""
        return "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict\(age)\(isSecure ? "; Secure" : "")"
    }
}

/// The first part of a cookie's name.
enum CookieStem {
    static let session = "paypage-console"
    static let flash = "paypage-console-flash"
    static let language = "paypage-console-language"
}
