import Crypto
import Foundation
import PayProviders

/// The examples, run as a user would run them.
enum Examples {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples")

    static let userSecret = "story-user-secret-0123456789abcdef"

    /// The token that a shop issues for its user.
    static func token(of user: String) -> String {
        let said = [#"{"alg":"HS256"}"#, #"{"sub":"\#(user)","exp":4102444800}"#].map { text(Data($0.utf8)) }
            .joined(separator: ".")
        let key = SymmetricKey(data: Data(userSecret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(said.utf8), using: key)
        return "\(said).\(text(Data(signature)))"
    }

    private static func text(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension Story {
    /// The app on the phone.
    func startApp(_ order: String, at service: Service, as token: String, _ more: String...) throws -> ChildProcess {
        try start(
            Paypage.product("mobile-client"), [order, "--server", service.client.base] + more,
            ["MOBILE_TOKEN": token])
    }

    /// The shop of the web checkout, on a given port.
    func startExampleShop(at service: Service, channels: String = "sandbox") async throws -> ExampleShop {
        let port = try FreePort.find()
        let process = try start(
            "/usr/bin/python3", [Examples.folder.appending(path: "web-checkout/shop.py").path],
            [
                "SHOP_API_KEY": service.apiKey, "SHOP_PAYPAGE": service.client.base, "SHOP_PORT": "\(port)",
                "SHOP_CHANNELS": channels, "PYTHONDONTWRITEBYTECODE": "1",
            ])
        _ = try await process.output.first("the shop opens") { $0.contains("\(port)") ? $0 : nil }
        return ExampleShop(process: process, client: client(base: "http://127.0.0.1:\(port)"))
    }

    /// A client that reads an event stream line by line until the story ends.
    func listen(_ path: String, at client: Client, cookie: String) throws -> ChildProcess {
        try start("/usr/bin/curl", ["--silent", "--no-buffer", "--cookie", cookie, client.base + path], [:])
    }
}

/// The example's shop, as browsers see it.
struct ExampleShop: Sendable {
    let process: ChildProcess
    let client: Client

    /// A browser that has opened the checkout.
    func browser() async throws -> Browser {
        let page = try await client.send(.get, "/")
        let cookie = page.header("Set-Cookie")?.split(separator: ";").first.map(String.init) ?? ""
        return Browser(client: client, page: page, cookie: cookie)
    }

    struct Browser: Sendable {
        let client: Client
        /// The answer to `/`.
        let page: ProviderReply
        let cookie: String

        func get(_ path: String, accept: String = "application/json") async throws -> ProviderReply {
            try await client.send(
                .get, path, headers: [Header(name: "Cookie", value: cookie), Header(name: "Accept", value: accept)])
        }

        func post(_ path: String, _ json: String) async throws -> ProviderReply {
            try await client.send(.post, path, headers: [Header(name: "Cookie", value: cookie)], json: json)
        }
    }
}

/// An order, as its user sees it.
struct ShownOrderView: Decodable, Sendable {
    struct Page: Decodable, Sendable {
        let channel: String
        let kind: String
    }

    let out_trade_no: String
    let state: String
    let amount: Int
    let page: Page?
}
