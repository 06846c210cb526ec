import Foundation
import PayAccess
import PayCore
import PayProviders
import PayTestSupport

/// A buyer with a browser, a checkout link and no script.
package struct Shopper: Sendable {
    package let service: TestService
    package let link: String
    package var userAgent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36"

    /// Gets the page with this query.
    package func look(_ query: String = "", language: String = "en") async throws -> Answer {
        try await service.client.get(
            link + query, as: .nobody, headers: ["User-Agent": userAgent, "Accept-Language": language])
    }

    /// Submits a form without following the redirect.
    package func send(_ form: String, _ query: String = "", type: String = "application/x-www-form-urlencoded")
        async throws
        -> Answer
    {
        try await service.client.send(
            .post, link + query, form, as: .nobody, headers: ["Content-Type": type, "User-Agent": userAgent])
    }

    /// Presses the button of a channel and follows the redirect.
    package func press(_ channel: String, terminal: String = "pc", more: String = "") async throws -> Answer {
        let answer = try await send("terminal=\(terminal)&channel=\(channel)\(more)")
        guard answer.status == 303, let place = answer.header("Location") else { return answer }
        return try await service.client.get(place, as: .nobody, headers: ["User-Agent": userAgent])
    }
}

extension TestService {
    /// A buyer with the link of an existing order.
    package func shopper(_ number: String = Sample.number, for life: Int = 3_600) -> Shopper {
        let token = checkouts.token(for: OrderNumber(number)!, expiresAt: clock.now() + .seconds(life))
        return Shopper(service: self, link: "/checkout/\(token)")
    }
}

extension Answer {
    /// The value of an attribute of `<main>`.
    package func main(_ attribute: String) -> String? {
        guard let tag = text.range(of: "<main "), let end = text.range(of: ">", range: tag.upperBound..<text.endIndex),
            let start = text.range(of: " \(attribute)=\"", range: tag.lowerBound..<end.lowerBound)
        else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    package var state: String? { main("data-state") }

    /// The word of the notice on the page.
    package var notice: String? {
        text.range(of: "data-notice=\"").map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
    }
}
