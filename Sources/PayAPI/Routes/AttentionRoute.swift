import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow

/// Lists everything that waits for a person, for the merchant.
struct AttentionRoute: Sendable {
    /// The most things of one kind in one answer.
    private static let longestList = 200
    private static let usualList = 50

    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [Endpoint(path: "/v1/attention", handlers: [(.get, attention)])]
    }

    @Sendable func attention(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        try await authenticator.merchant(request, context, at: now)
        var query = QueryReader(request.uri)
        let limit = query.value("limit", mustBe: "an integer from 1 to \(Self.longestList)") {
            Int($0).flatMap { (1...Self.longestList).contains($0) ? $0 : nil }
        }
        try query.check()
        let found = try await parts.attention.attention(at: now, limit: limit ?? Self.usualList)
        return JSONAnswer.response(AttentionAnswer(found))
    }
}
