package import HTTPTypes
package import Hummingbird

/// A path with the methods that it takes. Every other method is answered with 405, and the list of these.
package struct Endpoint {
    package typealias Handler = @Sendable (Request, PayRequestContext) async throws -> Response

    /// Those that a client may try. Any other is answered with 404, as an unknown path is.
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
                var problem = Problem(.methodNotAllowed, "this path doesn't take \(method.rawValue)")
                problem.allow = allowed
                throw problem
            }
        }
    }
}
