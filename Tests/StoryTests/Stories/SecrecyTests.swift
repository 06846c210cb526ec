import Foundation
import PayProviders
import Testing

/// The secrets that must never be logged, at any log level.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SecrecyTests {
    private static let tokenOfUser =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1MSIsImV4cCI6NDEwMjQ0NDgwMH0"
        + ".TcjLu4WN8ei3wlcku0OulLlH8sdNeRbgoxmtTBSeFJQ"
    private static let secretOfUserTokens = "story-user-jwt-secret-0123456789abcdef"
    private static let wrongKey = "somebody-elses-api-key-98765"
    private static let openID = "openid-of-a-person-4711"

    @Test(arguments: ["json", "text"])
    func `no key, token, page or signature is in any log`(_ format: String) async throws {
        let options = ["--log-format", format, "--log-level", "trace"]
        let settings = ["PAYPAGE_USER_JWT_SECRET": Self.secretOfUserTokens]
        try await Story.run(settings, logOptions: options) { story in
            let (provider, sandbox) = try await story.startSandbox()
            let service = try await story.startService(sandbox)
            let secrets = try await useEverything(service, sandbox)
            for process in [service.process, provider] {
                process.signal(SIGTERM)
                #expect(try await process.waitForEnd() == .exited(0))
                let log = try await process.errors.all()
                #expect(log.count > 3)
                expectSecrecy(log + process.output.lines, secrets)
                if format == "json" { expectJSON(log) }
            }
        }
    }

    /// Uses pages, tokens, a payment and errors. Returns the texts that must not be logged.
    private func useEverything(_ service: Service, _ sandbox: Sandbox) async throws -> [String] {
        let paid = try await service.firstPay("secret_paid").read(PaymentView.self)
        #expect(try await asUser(service, .get, "/v1/payments/secret_paid").status == 200)
        #expect(try await asUser(service, .post, "/v1/payments/secret_paid/repay", json: "{}").status == 200)
        #expect(try await service.call(.get, "/v1/payments/secret_paid/page?openid=\(Self.openID)").status < 500)
        #expect(try await service.call(.get, "/v1/payments/secret_paid/page").text == paid.page.content)
        let token = paid.checkout_url.split(separator: "/").last.map(String.init) ?? ""
        _ = try await service.client.send(.get, "/checkout/\(token)")

        var stranger = service
        stranger.apiKey = Self.wrongKey
        #expect(try await stranger.firstPay("secret_stranger").status == 401)
        #expect(try await service.call(.post, "/v1/payments", key: "k", json: #"{"amount":-1}"#).status == 400)
        #expect(try await service.call(.post, "/v1/payments", key: "k", json: Self.tokenOfUser).status == 400)
        for (order, fault) in [("secret_error", Fault.error), ("secret_bad", .garbage), ("secret_no", .refused)] {
            try await sandbox.plan(fault)
            #expect(try await service.firstPay(order).status >= 500)
        }
        let sdk = try await service.firstPay("secret_sdk", terminal: "app").read(PaymentView.self)
        let forged = try await service.client.send(
            .post, "/v1/notices/sandbox", headers: SandboxSample.forgedSignature, json: "{}")
        #expect(forged.status == 401)
        try await sandbox.pay("secret_paid_1")
        try await poll("it is paid") { try await service.order("secret_paid").state == "paid" ? () : nil }
        #expect(try await service.call(.post, "/v1/payments/secret_sdk/close").status == 200)
        return [
            Service.apiKey, Self.wrongKey, Self.tokenOfUser, Self.secretOfUserTokens, Story.tokenSecret,
            Story.sandboxSecret, Self.openID, token, paid.page.content, "</html>", "<form", sdk.page.content,
        ]
    }

    private func asUser(
        _ service: Service, _ method: ProviderRequest.Method, _ path: String, json: String? = nil
    ) async throws -> ProviderReply {
        let authorization = Header(name: "Authorization", value: "Bearer \(Self.tokenOfUser)")
        return try await service.client.send(method, path, headers: [authorization], json: json)
    }

    private func expectSecrecy(_ lines: [String], _ secrets: [String]) {
        for line in lines {
            for secret in secrets { #expect(!line.contains(secret), "\(secret.prefix(40)) in a log") }
            // Our signatures are 64 hexadecimal digits, and no other logged value is that long.
            #expect(line.firstMatch(of: /[0-9a-fA-F]{64}/) == nil)
            #expect(line.firstMatch(of: /Bearer\s+\S/) == nil)
        }
        let whole = lines.joined(separator: "\n")
        for secret in secrets { #expect(!whole.contains(secret)) }
    }

    private func expectJSON(_ log: [String]) {
        for line in log {
            let record = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(record?["time"] != nil && record?["level"] != nil && record?["message"] != nil, "\(line)")
        }
    }

    @Test func `a request's ID is in its answer, its problem and its log line`() async throws {
        try await Story.run { _, _, service in
            let reply = try await service.call(.get, "/v1/payments/nobody_knows")
            let id = try #require(reply.header("X-Request-Id"))
            #expect(try reply.read(ProblemView.self).instance.hasSuffix(id))
            let line = try await service.process.errors.first("the request is logged") { $0.contains(id) ? $0 : nil }
            #expect(line.contains(#""http.status":404"#))
        }
    }

    @Test func `the secrets that serve --dev generates are printed once, and not logged`() async throws {
        try await Story.run(logOptions: ["--log-format", "json", "--log-level", "trace"]) { story in
            let (service, _) = try await story.startDevelopmentService()
            #expect(try await service.firstPay("dev_secret").status == 201)
            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd() == .exited(0))
            let printed = service.process.output.lines
            let made = printed.filter { $0.hasSuffix("(generated for this run)") }.compactMap { line in
                line.split(separator: " ").dropFirst().first.map(String.init)
            }
            #expect(made.count == 3)
            expectSecrecy(try await service.process.errors.all(), made)
        }
    }
}
