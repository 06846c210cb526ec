import ArgumentParser
import Foundation
import PayCore
import PayFlow
import PayStore

struct Orders: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at orders in the database.", subcommands: [Show.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints an order with its attempts, pages, receipts and refunds.")

        @Argument(help: "The order's out_trade_no.")
        var number: String

        @Option(help: "A YAML or JSON file with settings; database.url is all that is read of it.")
        var config: String?

        func run() async throws {
            guard let number = OrderNumber(number) else {
                throw ValidationError("an out_trade_no has 4 to 28 of 0-9, A-Z, a-z and _")
            }
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let order = try await ledger.order(number)
            try ledger.close()
            guard let order else {
                throw CommandFailure("there is no order \(number)")
            }
            print(OrderReport(order).text)
        }
    }
}

/// An order, told to a person. No page's content is in it.
struct OrderReport {
    private let order: Order

    init(_ order: Order) {
        self.order = order
    }

    var text: String {
        ([head] + order.attempts.map(describe) + order.receipts.map(describe) + order.refunds.map(describe))
            .joined(separator: "\n")
    }

    private var head: String {
        """
        order \(order.number)  \(order.state.name.rawValue)  \(order.money)
          user      \(order.userID)
          subject   \(order.subject)
          created   \(time(order.createdAt))
          deadline  \(time(order.deadline))
          fence     \(order.fence.number)\(order.lease.map { "  leased until \(time($0.endsAt))" } ?? "")
        """
    }

    private func describe(_ attempt: Attempt) -> String {
        let pages = attempt.pages.map { page in
            "\n  page      \(page.kind.rawValue) for \(page.terminal.rawValue), minted \(time(page.mintedAt)), "
                + "expires \(time(page.expiresAt))"
        }.joined()
        return """
            attempt \(attempt.number)  \(attempt.state.name.rawValue) since \(time(attempt.stateSince))
              channel   \(attempt.channel), first for \(attempt.request.terminal.rawValue)
              created   \(time(attempt.createdAt))
              deadline  \(time(attempt.request.providerDeadline)) at the provider\(pages)
            """
    }

    private func describe(_ recorded: RecordedReceipt) -> String {
        let receipt = recorded.receipt
        return """
            receipt \(receipt.transactionID)  \(recorded.standing.rawValue)  \(receipt.amount) \(receipt.currencyCode)
              trade     \(receipt.tradeNumber) at \(receipt.channel)
              paid      \(time(receipt.paidAt)), recorded \(time(recorded.recordedAt))
            """
    }

    private func describe(_ refund: Refund) -> String {
        "refund \(refund.number)  \(refund.state.rawValue)  \(refund.money), since \(time(refund.createdAt))"
    }

    private func time(_ instant: Instant) -> String {
        Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
