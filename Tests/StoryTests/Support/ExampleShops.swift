import Crypto
import Foundation
import PayProviders

/// The languages of the example shops in Examples/shops.
enum ShopLanguage: String, CaseIterable {
    case java, php, node, go, python

    var file: String {
        let name =
            switch self {
            case .java: "Shop.java"
            case .php: "shop.php"
            case .node: "shop.mjs"
            case .go: "shop.go"
            case .python: "shop.py"
            }
        return Examples.folder.appending(path: "shops/\(name)").path
    }

    /// The program that starts the shop.
    var tool: Tool {
        switch self {
        case .java: .java
        case .php: .php
        case .node: .node
        case .go: .go
        case .python: .python
        }
    }

    /// The command of the language's page in docs/clients. Go's program is built first, because `go run` would survive
    /// its end as an orphan.
    fileprivate func command(port: Int, in folder: String) async throws -> (executable: String, arguments: [String]) {
        guard let program = tool.path else { throw ChildProcess.NotStarted(description: "no \(tool.rawValue)") }
        switch self {
        case .java, .node, .python: return (program, [file])
        case .php: return (program, ["-S", "127.0.0.1:\(port)", file])
        case .go:
            let built = "\(folder)/shop"
            let cache = ["GOCACHE": "\(folder)/go-cache", "GOFLAGS": "", "GOPROXY": "off"]
            let run = try await Paypage.run(program, ["build", "-o", built, file], settings: cache, in: folder)
            guard run.end == .exited(0) else { throw ChildProcess.NotStarted(description: run.errors) }
            return (built, [])
        }
    }
}

/// A running shop of Examples/shops.
struct LanguageShop: Sendable {
    let process: ChildProcess
    let client: Client

    /// The settings of a service that sends its events to a shop on this port.
    static func settings(port: Int) -> [String: String] {
        ["PAYPAGE_WEBHOOK_URL": "http://127.0.0.1:\(port)/paypage-events", "PAYPAGE_WEBHOOK_SECRET": Shop.secret]
    }

    /// The number of times that the shop has shipped an order.
    func shipments(of order: String) -> Int {
        (process.output.lines + process.errors.lines).count { $0.hasSuffix("ship \(order)") }
    }

    /// An event that is signed with the secret, or with another one.
    func send(
        _ body: String, id: String, sentAt: Date = Date(), secret: String = Shop.secret
    ) async throws -> ProviderReply {
        let time = "\(Int(sentAt.timeIntervalSince1970))"
        let key = SymmetricKey(data: Data(base64Encoded: String(secret.dropFirst("whsec_".count))) ?? Data())
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(time).\(body)".utf8), using: key)
        let headers = [
            Header(name: "webhook-id", value: id), Header(name: "webhook-timestamp", value: time),
            Header(name: "webhook-signature", value: "v1,\(Data(code).base64EncodedString())"),
        ]
        return try await client.send(.post, "/paypage-events", headers: headers, json: body)
    }
}

extension Story {
    func startShop(_ language: ShopLanguage, port: Int, at service: Service) async throws -> LanguageShop {
        let command = try await language.command(port: port, in: folder)
        let process = try start(
            command.executable, command.arguments,
            [
                "PAYPAGE_URL": service.client.base, "PAYPAGE_API_KEY": service.apiKey,
                "PAYPAGE_WEBHOOK_SECRET": Shop.secret, "SHOP_PORT": "\(port)", "SHOP_DATA": folder,
                "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1",
            ])
        let shop = LanguageShop(process: process, client: client(base: "http://127.0.0.1:\(port)"))
        try await poll("the shop opens") { try? await shop.client.send(.get, "/orders/unknown_1") }
        return shop
    }
}
