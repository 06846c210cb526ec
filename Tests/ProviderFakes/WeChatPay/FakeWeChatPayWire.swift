import Foundation
import PayCore

/// WeChat's messages with its own field names, independent of the adapter's code.
enum FakeWeChatPayWire {
    struct Amount: Codable {
        let total: Int64
        let currency: String?
    }

    struct Payer: Codable {
        let openid: String
    }

    struct H5Info: Codable {
        let type: String
    }

    struct SceneInfo: Codable {
        let payer_client_ip: String
        let h5_info: H5Info?
    }

    struct Create: Codable {
        let appid: String
        let mchid: String
        let description: String
        let out_trade_no: String
        let notify_url: String
        let time_expire: String?
        let amount: Amount
        let payer: Payer?
        let scene_info: SceneInfo?
    }

    struct Close: Codable {
        let mchid: String
    }

    struct RefundAmount: Codable {
        let refund: Int64
        let total: Int64
        let currency: String
    }

    struct Refund: Codable {
        let transaction_id: String?
        let out_trade_no: String?
        let out_refund_no: String
        let reason: String?
        let notify_url: String?
        let amount: RefundAmount
    }

    struct TradeAmount: Encodable {
        let total: Int64
        let payer_total: Int64?
        let currency: String
        let payer_currency: String?
    }

    struct Trade: Encodable {
        let appid: String
        let mchid: String
        let out_trade_no: String
        let transaction_id: String?
        let trade_type: String?
        let trade_state: String
        let trade_state_desc: String
        let bank_type: String?
        let success_time: String?
        let amount: TradeAmount
    }

    struct RefundStanding: Encodable {
        let refund_id: String
        let out_refund_no: String
        let transaction_id: String
        let out_trade_no: String
        let channel: String
        let user_received_account: String
        let success_time: String?
        let create_time: String
        let status: String
        let amount: RefundAmount
    }

    struct RefundNews: Encodable {
        let mchid: String
        let out_trade_no: String
        let transaction_id: String
        let out_refund_no: String
        let refund_id: String
        let refund_status: String
        let success_time: String?
        let amount: RefundAmount
    }

    struct Sealed: Encodable {
        let algorithm: String
        let associated_data: String
        let nonce: String
        let ciphertext: String
        var original_type: String?
    }

    struct Notice: Encodable {
        let id: String
        let create_time: String
        let resource_type: String
        let event_type: String
        let summary: String
        let resource: Sealed
    }

    struct SealedCertificate: Encodable {
        let serial_no: String
        let effective_time: String
        let expire_time: String
        let encrypt_certificate: Sealed
    }

    struct Certificates: Encodable {
        let data: [SealedCertificate]
    }

    struct Opened: Encodable {
        var code_url: String?
        var h5_url: String?
        var prepay_id: String?
    }

    struct Failure: Encodable {
        let code: String
        let message: String
    }

    static func encode(_ message: some Encodable) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(message))
        } catch {
            preconditionFailure("no message: \(error)")
        }
    }

    /// Nil if WeChat would refuse the form: an unknown field, a null or a missing field.
    static func decode<Message: Codable>(_ type: Message.Type, _ body: [UInt8]) -> Message? {
        guard let message = try? JSONDecoder().decode(type, from: Data(body)),
            let asked = try? JSONDecoder().decode(Shape.self, from: Data(body)),
            let known = try? JSONDecoder().decode(Shape.self, from: JSONEncoder().encode(message)), asked == known
        else { return nil }
        return message
    }

    /// RFC 3339 in China's time.
    static func time(_ instant: Instant) -> String {
        var style = Date.ISO8601FormatStyle(timeZone: TimeZone(secondsFromGMT: 8 * 3_600)!)
        style = style.timeZoneSeparator(.colon)
        return Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000).formatted(style)
    }

    static func instant(_ text: String) -> Instant? {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        return Instant(milliseconds: Int64(date.timeIntervalSince1970) * 1_000)
    }
}

/// The field names of a JSON object, at all levels. If decoding and encoding keep all names, none was unknown.
private indirect enum Shape: Decodable, Equatable {
    case leaf
    case null
    case list([Shape])
    case object([String: Shape])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let object = try? container.decode([String: Shape].self) {
            self = .object(object)
        } else if let list = try? container.decode([Shape].self) {
            self = .list(list)
        } else {
            self = .leaf
        }
    }
}
