package import HTTPTypes
package import Hummingbird

/// Lets the scripts of configured web origins call the API (the Fetch standard's CORS protocol). Nobody is let in by it:
/// a call still shows its key or token, and no cookie is ever looked at.
package struct CrossOrigin: RouterMiddleware {
    /// What a browser remembers of a preflight, in seconds: two hours, the most that Chromium keeps.
    private static let rememberedFor = "7200"
    private static let prefix = "/v1/"
    private static let methods = "GET, POST"
    private static let requestHeaders = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID"
    private static let answerHeaders =
        "Cache-Status, ETag, Idempotent-Replayed, Retry-After, X-Request-Id"

    /// As browsers spell them: `https://shop.example`.
    private let allowed: Set<String>

    package init(allowed: [String]) {
        self.allowed = Set(allowed)
    }

    package func handle(
        _ request: Request, context: PayRequestContext, next: (Request, PayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard !allowed.isEmpty, request.uri.path.hasPrefix(Self.prefix) else { return try await next(request, context) }
        guard let origin = request.headers[.origin], allowed.contains(origin) else {
            // A cache must not hand the answer of the one to the other.
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

    /// Says that a page of another origin may be answered otherwise.
    package static func vary(_ headers: inout HTTPFields) {
        headers[.vary] = (headers[values: .vary] + ["Origin"]).joined(separator: ", ")
    }
}
