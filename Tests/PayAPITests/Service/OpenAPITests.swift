import Hummingbird
import PayCheckout
import PayCore
import PayFlow
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
            let described = code?["x-extensible-enum"]?.sequence?.compactMap(\.string) ?? []
            #expect(described.sorted() == Problem.Code.allCases.map(\.rawValue).sorted())
        }
    }

    /// Every operation, also that of the webhook, by its method and path.
    private static func operations(in root: Node) -> [(name: String, operation: Node)] {
        ["paths", "webhooks"].flatMap { part in
            keys(root[part]).flatMap { path in
                methods.compactMap { method in
                    root[part]?[path]?[method].map { ("\(method) \(path)", $0) }
                }
            }
        }
    }

    @Test func `every operation has an id of its own and a tag that is described`() async throws {
        try await withService { service in
            let root = try await Self.description(from: service)
            let tags = root["tags"]?.sequence?.map { ($0["name"]?.string, $0["description"]?.string) } ?? []
            #expect(tags.allSatisfy { $0.0 != nil && $0.1 != nil })
            let operations = Self.operations(in: root)
            var ids: Set<String> = []
            for (name, operation) in operations {
                let id = operation["operationId"]?.string ?? ""
                #expect(id.wholeMatch(of: /[a-z]+([A-Z]+[a-z]*)*/) != nil, "\(name): \(id)")
                #expect(ids.insert(id).inserted, "\(name): \(id) is taken")
                let own = operation["tags"]?.sequence?.compactMap(\.string) ?? []
                #expect(own.count == 1 && own.allSatisfy { tag in tags.contains { $0.0 == tag } }, "\(name)")
            }
            #expect(operations.count > 10)
        }
    }

    /// A generated client would refuse a value that a later version adds to a closed list.
    @Test func `no list of values is closed`() async throws {
        try await withService { service in
            let root = try await Self.description(from: service)
            #expect(Self.all("enum", in: root).isEmpty)
            let lists = Self.all("x-extensible-enum", in: root)
            #expect(lists.count > 10)
            for list in lists { #expect(list.sequence?.isEmpty == false) }
        }
    }

    /// Each list, by its place below `components.schemas`, and the values of the code.
    private static let lists: [(place: String, values: [String])] = [
        ("Terminal", Terminal.allCases.map(\.rawValue)),
        ("OrderState", OrderStateName.allCases.map(\.rawValue)),
        ("RefundState", RefundState.allCases.map(\.rawValue)),
        ("RefundCause", RefundCause.allCases.map(\.rawValue)),
        ("Channel.properties.provider", ProviderKind.allCases.map(\.rawValue)),
        ("Page.properties.kind", PageKind.allCases.map(\.rawValue)),
        ("Attempt.properties.state", AttemptStateName.allCases.map(\.rawValue)),
        ("Receipt.properties.standing", ReceiptStanding.allCases.map(\.rawValue)),
        ("AttentionKind", AttentionKind.allCases.map(\.rawValue)),
        ("Attention.properties.items.items.properties.severity", AttentionSeverity.allCases.map(\.rawValue)),
        ("EventType", OrderEvent.Kind.allCases.map(\.rawValue)),
        ("DeliveryState", DeliveryState.allCases.map(\.rawValue)),
        ("Bill.properties.state", BillState.allCases.map(\.rawValue)),
        ("DifferenceState", DifferenceState.allCases.map(\.rawValue)),
        ("DifferenceKind", DifferenceKind.allCases.map(\.rawValue)),
        ("Difference.properties.ending", DifferenceEnd.allCases.map(\.rawValue)),
    ]

    @Test func `each list of values has every value of the service, and no other`() async throws {
        try await withService { service in
            let check = SchemaCheck(try await Self.description(from: service))
            for (place, values) in Self.lists {
                let schema = place.split(separator: ".").reduce(check.root["components"]["schemas"]) { $0[String($1)] }
                #expect(schema["x-extensible-enum"].items.compactMap(\.string).sorted() == values.sorted(), "\(place)")
            }
        }
    }

    @Test func `every answer but a redirect, an unchanged page and a notice's has a schema`() async throws {
        try await withService { service in
            let root = try await Self.description(from: service)
            let check = SchemaCheck(root)
            for (name, operation) in Self.operations(in: root) where !["post event", Self.notice].contains(name) {
                let answers = JSONValue(operation)["responses"].fields
                for (status, answer) in answers where !["303", "304"].contains(status) {
                    let content = check.resolved(answer)["content"].fields
                    #expect(!content.isEmpty, "\(name) \(status)")
                    for (type, body) in content { #expect(body["schema"] != .null, "\(name) \(status) \(type)") }
                }
            }
        }
    }

    private static let notice = "post /v1/notices/{channel}"

    @Test func `every example fits its schema`() async throws {
        try await withService { service in
            let check = SchemaCheck(try await Self.description(from: service))
            let schemas = check.root["components"]["schemas"].fields
            for (name, schema) in schemas {
                for example in schema["examples"].items {
                    let mistakes = check.mistakes(of: example, in: schema)
                    #expect(mistakes.isEmpty, "\(name): \(mistakes)")
                }
            }
        }
    }

    @Test func `every body and every answer of the API in JSON has an example`() async throws {
        try await withService { service in
            let root = try await Self.description(from: service)
            let check = SchemaCheck(root)
            for (name, operation) in Self.operations(in: root) where !name.hasSuffix("z") {
                let operation = JSONValue(operation)
                var bodies = operation["responses"].fields.mapValues { check.resolved($0)["content"] }
                bodies["body"] = operation["requestBody"]["content"]
                for (place, content) in bodies where content["application/json"] != .null {
                    let schema = check.resolved(content["application/json"]["schema"])
                    // A list has the examples of its items.
                    let lists = schema["properties"].fields.values.map { check.resolved($0["items"]) }
                    #expect(([schema] + lists).contains { $0["examples"] != .null }, "\(name) \(place)")
                }
            }
        }
    }

    /// The values of a key, at any depth.
    private static func all(_ key: String, in node: Node) -> [Node] {
        switch node {
        case .scalar, .alias: []
        case .sequence(let items): items.flatMap { all(key, in: $0) }
        case .mapping(let map): map.flatMap { ($0.key.string == key ? [$0.value] : []) + all(key, in: $0.value) }
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
