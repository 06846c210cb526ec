import PayCore
import PayFlow
import PayProviders
import Testing

@testable import paypage

@Suite struct SettingsEndpointTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let other = "whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo"

    private func endpoints(_ environment: [String: String], file: String? = nil) throws -> [WebhookEndpoint] {
        try SettingsFixture.load(SettingsFixture.enough(environment), file: file).webhooks
    }

    @Test func `endpoints are read from variables and files, by name`() throws {
        let file = """
            webhook:
              url: https://shop.example.com/told
              secret: [\(Self.secret), \(Self.other)]
              endpoints:
                books: {url: "https://erp.example.com/x?key=y", secret: \(Self.secret), events: [order.paid, refund.*]}
            """
        let variables = [
            "PAYPAGE_WEBHOOK_ENDPOINTS_THE_SHOP_URL": "http://127.0.0.1:9000/",
            "PAYPAGE_WEBHOOK_ENDPOINTS_THE_SHOP_SECRET": "\(Self.secret), \(Self.other)",
            "PAYPAGE_WEBHOOK_EVENTS": "order.paid,order.closed",
        ]
        let found = try endpoints(variables, file: file)
        #expect(found.map(\.name.text) == ["books", "default", "the_shop"])
        #expect(found.map(\.signers.count) == [1, 2, 2])
        #expect(
            found.map(\.kinds) == [
                [.orderPaid, .refundSucceeded, .refundFailed, .refundNeedsAttention], [.orderPaid, .orderClosed], nil,
            ])
        #expect(
            found.map(\.entry.origin) == [
                "https://erp.example.com", "https://shop.example.com", "http://127.0.0.1:9000",
            ])
    }

    @Test(arguments: [
        (
            ["PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_URL": "https://erp.example.com"],
            "webhook.endpoints.books.secret (PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_SECRET): is not set, but "
                + "webhook.endpoints.books.url is"
        ),
        (
            [
                "PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_URL": "https://erp.example.com",
                "PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_SECRET": "\(secret),abc",
            ],
            "webhook.endpoints.books.secret (PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_SECRET): item 2 is too short"
        ),
        (
            [
                "PAYPAGE_WEBHOOK_URL": "https://shop.example.com", "PAYPAGE_WEBHOOK_SECRET": secret,
                "PAYPAGE_WEBHOOK_EVENTS": "order.payed",
            ],
            "webhook.events (PAYPAGE_WEBHOOK_EVENTS): names no type of events"
        ),
        (
            ["PAYPAGE_WEBHOOK_ENDPOINTS_DEFAULT_URL": "https://shop.example.com"],
            "PAYPAGE_WEBHOOK_ENDPOINTS_DEFAULT_URL: is an unknown variable"
        ),
    ])
    func `a mistake in an endpoint stops the start, and names its key`(
        _ environment: [String: String], _ message: String
    ) throws {
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough(environment))
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix(message), "\(mistakes)")
        #expect(!mistakes[0].contains("whsec_Mf"))
    }

    @Test func `an endpoint's name follows the rule of names`() throws {
        let file = "webhook.endpoints: {Books: {url: https://erp.example.com}, default: {url: https://a.example}}"
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough, file: file)
        #expect(mistakes.count == 2 && mistakes.allSatisfy { $0.contains("has a name that no endpoint can have") })
    }
}
