import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow

/// Lists the channels for a buyer's choice. Never calls a provider, and reads no order.
struct ChannelsRoute: Sendable {
    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/channels", handlers: [(.get, channels)]),
            Endpoint(path: "/checkout/:token/channels", handlers: [(.get, channels)]),
        ]
    }

    @Sendable func channels(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.anyCaller(request, context, at: parts.clock.now())
        var query = QueryReader(request.uri)
        let terminals = Terminal.allCases.map(\.rawValue).joined(separator: ", ")
        let terminal = query.value("terminal", mustBe: "one of \(terminals)", Terminal.init)
        let currency = query.value("currency", mustBe: "an ISO 4217 code in capitals", Currency.init)
        try query.check()
        return JSONAnswer.response(ChannelsAnswer(try await parts.listChannels(on: terminal, in: currency)))
    }
}
