import Hummingbird
import PayCheckout
import ServiceTestSupport
import Testing
import Yams

@testable import PayAPI

/// The API's description agrees with the service that it describes.
@Suite(.timeLimit(.minutes(5))) struct OpenAPITests {
    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    /// The description as the service serves it. Throws if it is no YAML, or if a map has a key twice.
    private static func description(from service: TestService) async throws -> Node {
        try #require(try Yams.compose(yaml: try await service.client.get("/openapi.yaml").text))
    }

    private static func keys(_ node: Node?) -> [String] { node?.mapping?.keys.compactMap(\.string) ?? [] }

    @Test func `the OpenAPI document needs no key`() async throws {
        try await withService { service in
            let answer = try await service.client.get("/openapi.yaml", as: .nobody)
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "application/yaml")
        }
    }

    @Test func `the description is YAML without duplicate keys`() async throws {
        #expect(throws: (any Error).self) { try Yams.compose(yaml: "a: {b: 1, c: 2, b: 3}") }
        try await withService { service in
            let root = try await Self.description(from: service)
            #expect(root["openapi"]?.string == "3.1.0")
        }
    }

    @Test func `the description has every route with its methods, and no other`() async throws {
        try await withService { service in
            let paths = try await Self.description(from: service)["paths"]
            let described = Self.keys(paths).map { path in
                (path, Set(Self.keys(paths?[path])).intersection(Self.methods))
            }

            var served: [String: Set<String>] = [:]
            let checkout = CheckoutRoute(parts: service.api, rules: CheckoutRules(shopName: "Tea & Sons"))
            let router = PayAPI(service.api, adding: checkout.endpoints).router()
            // The files of the hosted page are no part of the API.
            for path in Set(router.routes.map(\.path.description)) where !path.hasPrefix("/assets/") {
                // No route takes PUT, and the refusal lists the methods that it takes.
                let line = "PUT \(path.replacing(/:\w+/, with: "x")) HTTP/1.1"
                let refusal = try await RawConnection.send(port: service.port, [line, "Content-Length: 0"])
                #expect(refusal.status == 405, "\(line)")
                let allowed = Set((refusal.header("Allow") ?? "").lowercased().split(separator: ", ").map(String.init))
                // HEAD follows from GET.
                served[path.replacing(/:(\w+)/) { "{\($0.1)}" }] = allowed.subtracting(["head"])
            }
            #expect(served.count > 10)
            #expect(Dictionary(uniqueKeysWithValues: described) == served)
        }
    }

    @Test func `the description has every problem code, and no other`() async throws {
        try await withService { service in
            let root = try await Self.description(from: service)
            let code = root["components"]?["schemas"]?["Problem"]?["properties"]?["code"]
            let described = code?["enum"]?.sequence?.compactMap(\.string) ?? []
            #expect(described.sorted() == Problem.Code.allCases.map(\.rawValue).sorted())
        }
    }

    @Test func `every reference in the description leads to a component`() async throws {
        try await withService { service in
            let root = try await Self.description(from: service)
            let references = Self.references(in: root)
            #expect(references.count > 10)
            for reference in references {
                #expect(reference.hasPrefix("#/"))
                let target = reference.split(separator: "/").dropFirst().reduce(root as Node?) { $0?[String($1)] }
                #expect(target != nil, "\(reference)")
            }
        }
    }

    private static func references(in node: Node) -> Set<String> {
        switch node {
        case .scalar, .alias: []
        case .sequence(let items): items.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .mapping(let map):
            map.reduce(into: []) { found, entry in
                if entry.key.string == "$ref" { found.insert(entry.value.string ?? "") }
                found.formUnion(references(in: entry.value))
            }
        }
    }
}
