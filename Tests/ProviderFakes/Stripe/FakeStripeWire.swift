import Crypto
import PayCore

/// Stripe's formats for requests and events.
enum FakeStripeWire {
    static let requiredCreateParameters = [
        "mode", "success_url", "line_items[0][price_data][currency]", "line_items[0][price_data][unit_amount]",
        "line_items[0][price_data][product_data][name]", "line_items[0][quantity]",
    ]

    /// Without `ui_mode`: its values differ between versions, so Paypage must not send it.
    static let createParameters = Set(requiredCreateParameters).union([
        "cancel_url", "client_reference_id", "expires_at", "metadata[trade_no]",
        "payment_intent_data[metadata][trade_no]",
    ])

    /// The operation of a request, and the session or the refund in its path. Nil for an unknown path.
    static func operation(of request: FakeRequest) -> (FakeOperation, String)? {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        switch (request.method, parts.count) {
        case ("POST", 3) where parts == ["v1", "checkout", "sessions"]: return (.create, "")
        case ("GET", 4) where parts.starts(with: ["v1", "checkout", "sessions"]): return (.query, parts[3])
        case ("POST", 5) where parts.starts(with: ["v1", "checkout", "sessions"]) && parts[4] == "expire":
            return (.close, parts[3])
        case ("POST", 2) where parts == ["v1", "refunds"]: return (.refund, "")
        case ("GET", 2) where parts == ["v1", "refunds"]: return (.follow, "")
        case ("GET", 3) where parts.starts(with: ["v1", "refunds"]): return (.follow, parts[2])
        default: return nil
        }
    }

    /// Parses a form. Nil if it is invalid or repeats a field.
    static func parameters(_ form: String) -> [String: String]? {
        var parameters: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = decoded(sides[0]), let value = decoded(sides[1]),
                parameters.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return parameters
    }

    /// Nil if it is not percent-encoded UTF-8 with `+` for a space.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                    return nil
                }
                bytes.append(code)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    static func event(_ id: String, _ type: String, _ object: String, at seconds: Int64, isLive: Bool) -> String {
        #"{"id":"\#(id)","object":"event","api_version":"2026-10-28.endive","created":\#(seconds),"#
            + #""data":{"object":\#(object)},"livemode":\#(isLive),"pending_webhooks":1,"type":"\#(type)"}"#
    }

    /// `v1`: the hexadecimal HMAC of the time, a dot and the body. The key is the secret's text.
    static func signature(of body: String, at seconds: Int64, secret: String) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return HMAC<SHA256>.authenticationCode(for: Array("\(seconds).\(body)".utf8), using: key)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
