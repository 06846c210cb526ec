import Foundation

/// Says what happens, in plain words, a line at a time.
enum Teller {
    static func say(_ line: String) {
        // Not `print`, which keeps lines back from a pipe.
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    static func complain(_ line: String) {
        FileHandle.standardError.write(Data("mobile-client: \(line)\n".utf8))
    }

    static func tell(_ payment: Payment) {
        let page = payment.page
        say("To pay: \(money(payment.amount, payment.currency)).")
        say(payment.isStored ? "The page was in the store: no provider was asked." : "The provider made this page.")
        switch page.kind {
        case "sdk": say("The app hands this to \(page.channel)'s SDK, within \(page.expiresIn) s:")
        case "redirect": say("The app opens this address, within \(page.expiresIn) s:")
        case _: say("The app shows this (\(page.kind)), within \(page.expiresIn) s:")
        }
        say(page.content)
    }

    static func tell(_ order: Order) {
        say(words(of: order))
        for money in order.givenBack ?? [] {
            let amount = Self.money(money.amount, money.currency)
            say("\(amount) came twice or too late, and \(money.state == "succeeded" ? "was" : "is being") given back.")
        }
    }

    private static func words(of order: Order) -> String {
        switch order.state {
        case .paid: return "Paid: \(order.subject), \(money(order.amount, order.currency)). Thank you!"
        case .closed: return "The shop has closed the order. Nothing is to be paid."
        case .expired: return "The time to pay is over. Nothing was paid."
        case .new: break
        }
        guard order.payableIn > 0 else { return "The time to pay is over. Waiting for the provider's last word." }
        let left = "\(order.payableIn) s left"
        switch order.activity {
        case "opening": return "A provider is being asked for a page; \(left)."
        case "closing": return "The page on the other screen is being closed; \(left)."
        case _: break
        }
        guard let page = order.page else { return "No page is open: another repay makes one; \(left)." }
        return "Waiting for the money by \(page.channel); \(left)."
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
        case "PAY_PROVIDER_UNKNOWN", "PAY_IN_PROGRESS": "The provider hasn't answered yet."
        case "PAY_PROVIDER_UNAVAILABLE": "The provider can't be reached right now."
        case "RATE_LIMITED": "That was too often."
        case "PAY_ORDER_FAIL": "The provider refused. Another channel may do."
        case "PAY_SWITCH_UNSAFE": "The page on the other screen may still be paid: go on there."
        case "PAY_ORDER_NOT_EXIST": "There is no such order, or it is another user's."
        case "UNAUTHORIZED": "The token in \(Token.variable) is not valid."
        case _: detail
        }
    }
}
