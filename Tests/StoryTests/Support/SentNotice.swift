import Foundation
import PayCore
import PayProviders

/// A notice as the sandbox would send it, signed once and sent as often as a test needs.
struct SentNotice: Sendable {
    let channel: String
    let body: String
    let headers: [Header]
}

extension Sandbox {
    private static let signer = SandboxSigner(secret: Secret(Story.sandboxSecret))

    /// The notice of a payment, with the sandbox's answer to a query about it.
    func notice(of trade: String, on channel: String) async throws -> SentNotice {
        let name = SandboxWire.TradeName(channel: channel, tradeNumber: trade)
        let question = SandboxWire.encode(name)
        let path = SandboxWire.Operation.query.path
        let asked = Self.signer.sign(question, for: .request(method: "POST", path: path), at: Self.now)
        let reply = try await client.send(
            .post, path, headers: asked.headers, json: String(decoding: question, as: UTF8.self))
        guard let payment = try reply.read(SandboxWire.Answer.self).trade?.payment else {
            throw ProviderReply.Unreadable(description: "\(trade) was not paid: \(reply.text)")
        }
        let body = SandboxWire.encode(
            SandboxWire.Notice(
                id: "notice_\(payment.transactionID)", channel: channel, tradeNumber: trade, payment: payment,
                refundNumber: nil))
        let signature = Self.signer.sign(body, for: .notice(channel: channel), at: Self.now)
        return SentNotice(
            channel: channel, body: String(decoding: body, as: UTF8.self), headers: signature.headers)
    }

    private static var now: Instant {
        Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}

extension Service {
    /// Sends a notice from an address that no other recent notice came from.
    func take(_ notice: SentNotice) async throws -> ProviderReply {
        let address = (0..<3).map { _ in String(Int.random(in: 1...254)) }.joined(separator: ".")
        let from = Header(name: "X-Forwarded-For", value: "203.\(address)")
        return try await client.send(
            .post, "/v1/notices/\(notice.channel)", headers: notice.headers + [from], json: notice.body)
    }
}
