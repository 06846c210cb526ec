import Foundation
import PayAccess
import PayCore
import PayProviders
import PayTestSupport

/// Somebody with a browser and a checkout link, and no script.
package struct Shopper: Sendable {
    package let service: TestService
    package let link: String
    package var userAgent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36"

    /// Looks at the page, by the query.
    package func look(_ query: String = "", language: String = "en") async throws -> Answer {
        try await service.client.get(
            link + query, as: .nobody, headers: ["User-Agent": userAgent, "Accept-Language": language])
    }

    /// Sends a form, without going where the answer leads.
    package func send(_ form: String, _ query: String = "", type: String = "application/x-www-form-urlencoded")
        async throws
        -> Answer
    {
        try await service.client.send(
            .post, link + query, form, as: .nobody, headers: ["Content-Type": type, "User-Agent": userAgent])
    }

    /// Presses the button of a channel, and goes where the answer leads.
    package func press(_ channel: String, terminal: String = "pc", more: String = "") async throws -> Answer {
        let answer = try await send("terminal=\(terminal)&channel=\(channel)\(more)")
        guard answer.status == 303, let place = answer.header("Location") else { return answer }
        return try await service.client.get(place, as: .nobody, headers: ["User-Agent": userAgent])
    }
}

extension TestService {
    /// Who holds the link of an order that has begun.
    package func shopper(_ number: String = Sample.number, for life: Int = 3_600) -> Shopper {
        let token = checkouts.token(for: OrderNumber(number)!, expiresAt: clock.now() + .seconds(life))
        return Shopper(service: self, link: "/checkout/\(token)")
    }
}

extension Answer {
    /// An attribute of `<main>`.
    package func main(_ attribute: String) -> String? {
        guard let tag = text.range(of: "<main "), let end = text.range(of: ">", range: tag.upperBound..<text.endIndex),
            let start = text.range(of: " \(attribute)=\"", range: tag.lowerBound..<end.lowerBound)
        else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    package var state: String? { main("data-state") }

    /// The word of the notice that stands on the page.
    package var notice: String? {
        text.range(of: "data-notice=\"").map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
    }
}
