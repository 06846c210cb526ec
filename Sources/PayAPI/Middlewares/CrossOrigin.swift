package import HTTPTypes
package import Hummingbird

/// Allows scripts of the configured web origins to call the API (CORS, Fetch standard). This grants no access: each
/// call still needs an API key or a token, and cookies are never read.
package struct CrossOrigin: RouterMiddleware {
    /// How long browsers may cache a preflight, in seconds. Chromium caches two hours at most.
    private static let rememberedFor = "7200"
    private static let prefix = "/v1/"
    private static let methods = "GET, POST"
    private static let requestHeaders = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID"
    private static let answerHeaders =
        "Cache-Status, ETag, Idempotent-Replayed, Retry-After, X-Request-Id"

    /// Origins as browsers write them: `https://shop.example`.
    private let allowed: Set<String>

    package init(allowed: [String]) {
        self.allowed = Set(allowed)
    }

    package func handle(
        _ request: Request, context: PayRequestContext, next: (Request, PayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard !allowed.isEmpty, request.uri.path.hasPrefix(Self.prefix) else { return try await next(request, context) }
        guard let origin = request.headers[.origin], allowed.contains(origin) else {
            // `Vary` keeps a cache from serving one origin's response to another.
            return try await varied(next(request, context))
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return Response(
                status: .noContent,
                headers: [
                    .accessControlAllowOrigin: origin, .accessControlAllowMethods: Self.methods,
                    .accessControlAllowHeaders: Self.requestHeaders, .accessControlMaxAge: Self.rememberedFor,
                    .vary: "Origin",
                ])
        }
        var response = try await varied(next(request, context))
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = Self.answerHeaders
        return response
    }

    private func varied(_ response: Response) -> Response {
        var response = response
        Self.vary(&response.headers)
        return response
    }

    /// Declares that the response depends on the `Origin` header.
    package static func vary(_ headers: inout HTTPFields) {
        headers[.vary] = (headers[values: .vary] + ["Origin"]).joined(separator: ", ")
    }
}
