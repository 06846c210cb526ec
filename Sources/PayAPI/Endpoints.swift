package import HTTPTypes
package import Hummingbird

/// A path with the methods that it supports. Every other method is answered with 405 and the supported methods in
/// `Allow`.
package struct Endpoint {
    package typealias Handler = @Sendable (Request, PayRequestContext) async throws -> Response

    /// The methods that are answered with 405 where they are not supported. Any other method is answered with 404, like
    /// an unknown path.
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace,
    ]

    package let path: RouterPath
    package let handlers: [(method: HTTPRequest.Method, handler: Handler)]

    package init(path: RouterPath, handlers: [(method: HTTPRequest.Method, handler: Handler)]) {
        self.path = path
        self.handlers = handlers
    }

    package func register(on router: Router<PayRequestContext>) {
        for (method, handler) in handlers { router.on(path, method: method, use: handler) }
        let allowed = handlers.map(\.method) + (handlers.contains { $0.method == .get } ? [.head] : [])
        for method in Self.methods where !allowed.contains(method) {
            router.on(path, method: method) { _, _ -> Response in
                var problem = Problem(.methodNotAllowed, "\(method.rawValue) is not allowed on this path; see Allow")
                problem.allow = allowed
                throw problem
            }
        }
    }
}
