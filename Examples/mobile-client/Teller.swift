import Foundation

/// Prints the messages, one line each.
enum Teller {
    static func say(_ line: String) {
        // `print` buffers its output when it goes to a pipe.
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    static func complain(_ line: String) {
        FileHandle.standardError.write(Data("mobile-client: \(line)\n".utf8))
    }

    static func tell(_ payment: Payment) {
        let page = payment.page
        say("To pay: \(money(payment.amount, payment.currency)).")
        say(payment.isStored ? "This is the stored page. No provider was called." : "The provider created this page.")
        switch page.kind {
        case "sdk": say("The app passes this to the SDK of \(page.channel) within \(page.expiresIn) s:")
        case "redirect": say("The app opens this URL within \(page.expiresIn) s:")
        case _: say("The app shows this (\(page.kind)) within \(page.expiresIn) s:")
        }
        say(page.content)
    }

    static func tell(_ order: Order) {
        say(words(of: order))
        for money in order.givenBack ?? [] {
            let amount = Self.money(money.amount, money.currency)
            say("A duplicate or late payment of \(amount) \(money.state == "succeeded" ? "was" : "is being") refunded.")
        }
    }

    private static func words(of order: Order) -> String {
        switch order.state {
        case .paid: return "Paid: \(order.subject), \(money(order.amount, order.currency)). Thank you!"
        case .closed: return "The shop closed the order. Nothing is due."
        case .expired: return "The order expired. Nothing was paid."
        case .new: break
        }
        guard order.payableIn > 0 else {
            return "The time to pay is over. Waiting for the final status from the provider."
        }
        let left = "\(order.payableIn) s left"
        switch order.activity {
        case "opening": return "Requesting a page from the provider; \(left)."
        case "closing": return "Closing the page on the other device; \(left)."
        case _: break
        }
        guard let page = order.page else { return "No page is open; start again to get a new one; \(left)." }
        return "Waiting for the payment through \(page.channel); \(left)."
    }

    private static func money(_ amount: Int64, _ currency: String) -> String {
        let format = NumberFormatter()
        format.numberStyle = .currency
        format.currencyCode = currency
        let digits = format.maximumFractionDigits
        let value = Decimal(sign: .plus, exponent: -digits, significand: Decimal(amount))
        return format.string(from: NSDecimalNumber(decimal: value)) ?? "\(amount) \(currency)"
    }
}

extension Problem {
    var words: String {
        switch code {
        case "PAY_PROVIDER_UNKNOWN", "PAY_IN_PROGRESS": "The provider has not answered yet."
        case "PAY_PROVIDER_UNAVAILABLE": "The provider is unavailable."
        case "RATE_LIMITED": "Rate limit exceeded."
        case "PAY_ORDER_FAIL": "The provider refused the payment. Try another channel."
        case "PAY_SWITCH_UNSAFE": "The page on the other device can still be paid. Continue there."
        case "PAY_ORDER_NOT_EXIST": "The order does not exist or belongs to another user."
        case "UNAUTHORIZED": "The token in \(Token.variable) is not valid."
        case _: detail
        }
    }
}
