import Foundation
import PayProviders
import ProviderFakes
import Synchronization
import Testing

/// Keys are replaced while buyers pay, and no call fails.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RotationTests {
    /// Buyers who pay all the time. Each call that fails is kept.
    private final class Buyers: Sendable {
        private let service: ReloadedService
        private let state: Mutex<(key: String, userSecret: String, calls: Int, failures: [String])>

        init(_ service: ReloadedService, key: String, userSecret: String) {
            self.service = service
            state = Mutex((key, userSecret, 0, []))
        }

        func use(key: String, userSecret: String) {
            state.withLock { ($0.key, $0.userSecret) = (key, userSecret) }
        }

        var calls: Int { state.withLock { $0.calls } }
        var failures: [String] { state.withLock { $0.failures } }

        /// Waits until buyers have made this many more calls.
        func pay(more calls: Int = 40) async throws {
            let goal = self.calls + calls
            try await poll("buyers pay", within: .seconds(60)) { self.calls >= goal ? () : nil }
        }

        /// One buyer: first pay, repay, page, checkout page by its link, and a repay as the user.
        func run(_ name: String) async throws {
            var number = 0
            while !Task.isCancelled {
                number += 1
                let (order, key, secret) = state.withLock { ("\(name)_\(number)", $0.key, $0.userSecret) }
                var one = service.service
                one.apiKey = key
                let first = try await one.firstPay(order)
                note(first.status, "first pay of \(order)")
                note(try await one.repay(order).status, "repay of \(order)")
                note(try await service.status(.get, "/v1/payments/\(order)/page", as: key), "page of \(order)")
                let user = userToken("u1", secret: secret)
                note(
                    try await service.status(.post, "/v1/payments/\(order)/repay", as: user, json: "{}"),
                    "repay of \(order) as the user")
                guard let link = try? first.read(PaymentView.self).checkout_url else { continue }
                note(
                    try await service.status(.get, String(link.dropFirst(one.client.base.count))),
                    "checkout page of \(order)")
            }
        }

        private func note(_ status: Int, _ what: String) {
            state.withLock { state in
                state.calls += 1
                if !(200...299).contains(status) { state.failures.append("\(what): \(status)") }
            }
        }
    }

    private struct Keys {
        let api, token, user: String

        static let old = Keys(
            api: "old-api-key-0123456789", token: "old-token-secret-0123456789abcdef-old",
            user: "old-user-secret-0123456789abcdef-old")
        static let new = Keys(
            api: "new-api-key-9876543210", token: "new-token-secret-0123456789abcdef-new",
            user: "new-user-secret-0123456789abcdef-new")

        static func settings(_ keys: Keys...) -> [String: [String]] {
            [
                "api.keys": keys.map { "\($0.api.prefix(3)):\($0.api)" }, "token.secret": keys.map(\.token),
                "user.jwt.secret": keys.map(\.user),
            ]
        }
    }

    private func withBuyers(
        _ settings: [String: [String]] = [:], _ body: (ReloadedService, Buyers, Sandbox) async throws -> Void
    ) async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let service = try await ReloadedService.start(
                story, keys: Keys.settings(.old).merging(settings) { $1 },
                variables: [
                    "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_BASE_URL": sandbox.client.base,
                    "PAYPAGE_SANDBOX_SECRET": Story.sandboxSecret,
                ])
            let buyers = Buyers(service, key: Keys.old.api, userSecret: Keys.old.user)
            try await withThrowingTaskGroup { group in
                for name in ["ann", "bob", "cat"] { group.addTask { try await buyers.run(name) } }
                try await body(service, buyers, sandbox)
                group.cancelAll()
                while let result = await group.nextResult() { _ = result }
            }
        }
    }

    @Test func `API keys, token secrets and user secrets are rotated while buyers pay, and no call fails`() async throws
    {
        try await withBuyers { service, buyers, _ in
            try await buyers.pay()
            var old = service.service
            old.apiKey = Keys.old.api
            let first = try await old.firstPay("kept").read(PaymentView.self)
            let oldLink = String(first.checkout_url.dropFirst(old.client.base.count))
            let oldUser = userToken("u1", secret: Keys.old.user)

            // Both: the new ones sign, and the old ones are accepted.
            let names = "api.keys, token.secret, user.jwt.secret"
            try await service.reload(Keys.settings(.new, .old), changing: names)
            try await buyers.pay()
            for key in [Keys.old.api, Keys.new.api] {
                #expect(try await service.status(.get, "/v1/payments/kept", as: key) == 200)
            }
            #expect(try await service.status(.get, oldLink) == 200)
            #expect(try await service.status(.get, "/v1/payments/kept", as: oldUser) == 200)
            let again = try await old.repay("kept").read(PaymentView.self)
            let newLink = String(again.checkout_url.dropFirst(old.client.base.count))
            #expect(newLink != oldLink)

            // Only the new ones, by the signal.
            buyers.use(key: Keys.new.api, userSecret: Keys.new.user)
            try await buyers.pay()
            try service.write(Keys.settings(.new))
            service.service.process.signal(SIGHUP)
            _ = try await poll("the signal reloads", within: .seconds(30)) {
                service.service.process.errors.lines.filter { $0.contains("settings reloaded") }.count == 2 ? () : nil
            }
            try await buyers.pay()
            #expect(try await service.status(.get, "/v1/payments/kept", as: Keys.old.api) == 401)
            #expect(try await service.status(.get, "/v1/payments/kept/page", as: Keys.old.api) == 401)
            #expect(try await service.status(.get, "/v1/payments/kept", as: oldUser) == 401)
            #expect(try await service.status(.get, oldLink) == 404)
            #expect(try await service.status(.get, newLink) == 200)
            #expect(buyers.failures.isEmpty, "\(buyers.failures.prefix(5)) of \(buyers.calls)")

            let audit = try await Paypage.run(
                ["audit", "list"], settings: service.story.database, in: service.story.folder
            ).output
            #expect(audit.contains("settings.reload") && audit.contains("ming") && audit.contains("SIGHUP"), "\(audit)")
            for secret in [Keys.old, .new].flatMap({ [$0.api, $0.token, $0.user] }) {
                #expect(!(service.service.process.errors.lines.joined() + audit).contains(secret))
            }
        }
    }

    @Test func `webhook secrets are rotated while buyers pay, and each webhook has the signatures of its time`()
        async throws
    {
        let shop = try Shop()
        let (old, new) = (Shop.secret, "whsec_bmV3LXdlYmhvb2stc2VjcmV0LW5ldy1zZWNyZXQ=")
        func settings(_ secrets: [String]) -> [String: [String]] {
            ["webhook.url": ["http://127.0.0.1:\(shop.port)/told"], "webhook.secret": secrets]
        }
        try await withBuyers(settings([old])) { service, buyers, sandbox in
            var one = service.service
            one.apiKey = Keys.old.api
            /// The secrets that signed the webhook of a new payment.
            func signers(_ order: String) async throws -> [String] {
                #expect(try await one.firstPay(order).status == 201)
                try await sandbox.pay("\(order)_1")
                let told = try await poll("the shop is told of \(order)", within: .seconds(60)) {
                    shop.all.first { $0.body?.data.out_trade_no == order }
                }
                return [old, new].filter { told.isSigned(by: $0) }
            }
            #expect(try await signers("before") == [old])
            for (order, secrets) in [("both", [new, old]), ("after", [new])] {
                try await buyers.pay(more: 10)
                try await service.reload(
                    Keys.settings(.old).merging(settings(secrets)) { $1 }, changing: "webhook.secret")
                #expect(try await Set(signers(order)) == Set(secrets))
            }
            #expect(shop.all.count == 3)
            #expect(buyers.failures.isEmpty, "\(buyers.failures.prefix(5)) of \(buyers.calls)")
        }
    }

    @Test func `a mistake keeps the old settings, and a change that needs a restart is named`() async throws {
        try await withBuyers { service, buyers, _ in
            try await buyers.pay(more: 10)
            var mistaken = Keys.settings(.new)
            mistaken["repay.mode"] = ["sometimes"]
            try service.write(mistaken)
            let refused = try await service.reload()
            #expect(refused.end == .exited(1), "\(refused.errors)")
            #expect(refused.output.contains("repay.mode") && refused.output.contains("old settings"))
            try await buyers.pay(more: 20)
            #expect(try await service.status(.get, "/v1/payments/none", as: Keys.new.api) == 401)

            var restart = Keys.settings(.old)
            restart["cluster.nodes"] = ["2"]
            restart["order.ttl"] = ["10m"]
            try service.write(restart)
            let run = try await service.reload()
            #expect(run.end == .exited(0))
            #expect(run.output == "reloaded: order.ttl\ncluster.nodes: changed, restart to apply")
            try await buyers.pay(more: 20)
            #expect(buyers.failures.isEmpty, "\(buyers.failures.prefix(5)) of \(buyers.calls)")
            var one = service.service
            one.apiKey = Keys.old.api
            #expect(try await one.firstPay("short").read(PaymentView.self).expires_in <= 600)
        }
    }

    @Test func `the socket is for the service's user alone, and goes with the service`() async throws {
        try await withBuyers { service, _, _ in
            let path = "\(service.story.folder)/paypage.sqlite.reload"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            service.service.process.signal(SIGTERM)
            #expect(try await service.service.process.waitForEnd() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: path))
            let run = try await service.reload()
            #expect(run.isRefusal && run.errors.contains("no running service at the socket"), "\(run.errors)")
        }
    }
}
