package import PayProviders
import Testing

extension Client {
    /// Repeats a hit once by the routes and once by the fast lane. All responses must be the same.
    package func compareLanes(_ request: ProviderRequest, _ path: String, _ answer: Answer) async throws {
        guard request.mayBeAnsweredByBothLanes(path), answer.isHit else { return }
        let toRoutes = ProviderRequest(
            method: request.method, url: request.url, headers: request.headers + [Self.leftToRoutes],
            body: request.body)
        let byRoutes = Answer(try await transport.send(toRoutes))
        #expect(byRoutes.withoutItsOwn == answer.withoutItsOwn, "the routes, of \(path)")
        // The routes have filled the cache.
        let byFastLane = Answer(try await transport.send(request))
        #expect(byFastLane.withoutItsOwn == byRoutes.withoutItsOwn, "the fast lane, of \(path)")
    }

    /// A request with this header passes to the routes. The header does not change the response.
    package static let leftToRoutes = Header(name: "If-None-Match", value: #""none such""#)
}

extension ProviderRequest {
    fileprivate func mayBeAnsweredByBothLanes(_ path: String) -> Bool {
        guard path.hasPrefix("/v1/payments/"),
            !headers.contains(where: { ["idempotency-key", "if-none-match"].contains($0.name.lowercased()) })
        else { return false }
        let name = path.prefix { $0 != "?" }
        return method == .get && name.hasSuffix("/page") || method == .post && name.hasSuffix("/repay")
    }
}

extension Answer {
    /// Whether the response is a stored page.
    package var isHit: Bool { status == 200 && cacheStatus?.hasPrefix("paypage; hit;") == true }

    /// The response without the values that always differ.
    package var withoutItsOwn: Answer {
        Answer(
            status: status,
            headers: headers.filter { !["x-request-id", "date"].contains($0[0]) }.sorted { $0[0] < $1[0] },
            body: body)
    }
}
