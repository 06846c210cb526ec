package import PayCore
import PayProviders
import PayTestSupport

/// A notice in the sandbox's format, with content of the test's choice.
package struct TestNotice: Sendable {
    package var channel: String
    package var body: [UInt8]
    package var headers: [String: String]

    package init(channel: String, body: [UInt8], headers: [String: String]) {
        self.channel = channel
        self.body = body
        self.headers = headers
    }
}

extension TestService {
    /// A notice of a payment, signed now with `secret`.
    package func notice(
        id: String? = nil, of trade: String = Sample.trade, transaction: String = "sbx_1", amount: Int64 = 9_900,
        currency: String = "CNY", merchant: String = SandboxWire.merchantID, channel: String = "sandbox",
        paidAt: Int64? = nil, signedAt: Instant? = nil, secret: Secret = TestService.sandboxSecret
    ) -> TestNotice {
        let wire = SandboxWire.Notice(
            id: id ?? "notice_\(transaction)", channel: channel, tradeNumber: trade,
            payment: SandboxWire.Payment(
                merchantID: merchant, transactionID: transaction, amount: amount, currency: currency,
                paidAtMS: paidAt ?? clock.now().milliseconds),
            refundNumber: nil)
        return signed(SandboxWire.encode(wire), channel: channel, signedAt: signedAt, secret: secret)
    }

    package func signed(
        _ body: [UInt8], channel: String = "sandbox", signedAt: Instant? = nil,
        secret: Secret = TestService.sandboxSecret
    ) -> TestNotice {
        let signature = SandboxSigner(secret: secret).sign(
            body, for: .notice(channel: channel), at: signedAt ?? clock.now())
        return TestNotice(
            channel: channel, body: body,
            headers: Dictionary(uniqueKeysWithValues: signature.headers.map { ($0.name, $0.value) }))
    }

    package func send(_ notice: TestNotice, headers: [String: String] = [:]) async throws -> Answer {
        try await client.send(
            .post, "/v1/notices/\(notice.channel)", bytes: notice.body, as: .nobody,
            headers: notice.headers.merging(headers, uniquingKeysWith: { _, last in last }))
    }
}
