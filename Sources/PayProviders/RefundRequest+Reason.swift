import PayCore

extension RefundRequest {
    /// The reason that the buyer sees in Alipay's or WeChat's bill: the merchant's own, or one for the cause.
    ///
    /// It depends only on the request, because WeChat refuses a known number with another reason.
    var chineseReason: String {
        if let reason { return reason.text }
        return switch cause {
        // The order was already paid or closed.
        case .duplicate, .late: "订单已支付或已关闭"
        // The merchant refunds.
        case .merchant, .provider: "商家退款"
        // The payment does not match the order.
        case .dispute: "付款与订单不符"
        }
    }
}

extension String {
    /// The text truncated to at most `longest` UTF-16 units, between two characters.
    func truncated(toUTF16 longest: Int) -> String {
        guard utf16.count > longest else { return self }
        var kept = String.UnicodeScalarView()
        var length = 0
        for scalar in unicodeScalars {
            length += UTF16.width(scalar)
            guard length <= longest else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
