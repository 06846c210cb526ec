import Foundation
import PayAccess
import PayCore
import PayProviders
import ServiceTestSupport
import Testing

/// A browser without script: it keeps cookies, and sends forms with the token of the page that it looked at.
final class ConsoleBrowser: Sendable {
    let console: TestConsole
    /// The secret of the session. Nil if the browser did not get it from ``TestConsole/signedIn(_:as:)``.
    let token: RandomToken?
    private let cookies: CookieJar

    init(console: TestConsole, token: RandomToken? = nil) {
        self.console = console
        self.token = token
        cookies = CookieJar(token.map { ["paypage-console": $0.text.reveal()] } ?? [:])
    }

    /// Gets a page of the console. Redirects are not followed.
    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send(.get, path, nil, headers)
    }

    /// Gets a page, and presses a button of it: sends the fields with the page's CSRF token, and follows the redirect.
    func press(on page: String, _ action: String, _ fields: [String: String] = [:]) async throws -> Answer {
        let looked = try await get(page)
        let answer = try await post(action, fields, csrf: looked.csrf)
        guard answer.status == 303, let place = answer.header("Location") else { return answer }
        return try await get(place)
    }

    /// Sends a form as a page of the console would. Redirects are not followed.
    ///
    /// - Parameter csrf: nil for a form without the field.
    func post(
        _ path: String, _ fields: [String: String] = [:], csrf: String?,
        headers: [String: String] = ["Sec-Fetch-Site": "same-origin"]
    ) async throws -> Answer {
        var fields = fields
        fields["csrf"] = csrf
        let form = fields.sorted { $0.key < $1.key }.map { "\($0.key.percentEncoded)=\($0.value.percentEncoded)" }
        return try await send(.post, path, form.joined(separator: "&"), headers)
    }

    /// The value of a cookie that the browser holds.
    func cookie(_ name: String) -> String? { cookies.value(name) }

    func setCookie(_ name: String, _ value: String?) { cookies.set(name, value) }

    private func send(
        _ method: ProviderRequest.Method, _ path: String, _ form: String?, _ headers: [String: String]
    ) async throws -> Answer {
        var headers = headers
        headers["Cookie"] = cookies.header
        if form != nil { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        let client = Client(
            base: "http://127.0.0.1:\(console.port)", transport: console.service.client.transport, comparesLanes: false)
        let answer = try await client.send(method, path, form, as: .nobody, headers: headers)
        for cookie in answer.headers where cookie[0] == "set-cookie" { cookies.take(cookie[1]) }
        return answer
    }
}

extension Answer {
    /// The CSRF token of the first form on a page.
    var csrf: String? {
        text.range(of: "name=\"csrf\" value=\"").map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
    }
}

extension ConsoleBrowser {
    /// Expects this status of a page.
    func expect(_ status: Int, of path: String = "/console", sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let answer = try await get(path)
        #expect(answer.status == status, sourceLocation: sourceLocation)
    }
}
