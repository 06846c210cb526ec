public import PayCore

/// A fake of a payment provider on loopback: its routes, its books, and the buyer.
///
/// A fake is written from the provider's documentation and shares no code with the adapter. Its clock is passed in,
/// because tests move it by hand. It refuses requests as the provider would, for example for a wrong signature or
/// changed parameters.
public protocol ProviderFake: Sendable {
    /// The base URL for the adapter. Valid only between ``start()`` and ``stop()``.
    var baseURL: String { get }

    func start() async throws

    /// Releases every held connection.
    func stop() async

    /// Injects the fault into the next `times` calls of that operation.
    func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int)

    /// The number of requests for an operation, whatever their outcome.
    func calls(_ operation: FakeOperation) -> Int

    /// The buyer's browser or app opens a page, and the buyer reaches the cashier. If opening creates the trade
    /// (Alipay), the trade is in the books afterwards. Throws if the signature, the time or the trade is invalid.
    func open(_ page: ProviderPage, terminal: Terminal) async throws

    /// The buyer pays a trade in the books. Returns the provider's transaction id. Throws if the trade takes no more
    /// money. Sends no notice; see ``notify(_:to:)``.
    func pay(_ tradeNumber: String) async throws -> String

    /// Pays as a buyer who was at the password prompt when the trade was closed or expired. Throws if the provider does
    /// not allow that.
    func payAtThePrompt(_ tradeNumber: String) async throws -> String

    func trade(_ number: String) async -> FakeTrade?

    /// Every trade, oldest first.
    var trades: [FakeTrade] { get async }

    /// Completes an accepted refund. Without effect if refunds complete at once.
    func finishRefund(_ refundNumber: String) async throws

    /// Ends an accepted refund without moving its money, also after it was completed if the provider can revoke it.
    /// Throws if refunds of the provider never end so.
    func closeRefund(_ refundNumber: String) async throws

    /// Refunds a part of a paid trade in the provider's own console. Returns the number that the provider gives it.
    func refundInConsole(_ tradeNumber: String, amount: Int64) async throws -> String

    /// The notice of a payment, signed now.
    func notice(ofPayment tradeNumber: String) async throws -> FakeNotice

    /// The notice of a refund that has ended, signed now; nil if the provider sends none.
    func notice(ofRefund refundNumber: String) async throws -> FakeNotice?

    /// Whether an answer to a notice stops the retries.
    func expects(_ status: Int, _ contentType: String?, _ body: [UInt8]) -> Bool
}

extension ProviderFake {
    public func arm(_ fault: FakeFault, on operation: FakeOperation) {
        arm(fault, on: operation, times: 1)
    }

    public func open(_ page: ProviderPage, terminal: Terminal) async throws {}

    public func payAtThePrompt(_ tradeNumber: String) async throws -> String {
        throw FakeProblem("this provider does not allow late payments")
    }

    public func finishRefund(_ refundNumber: String) async throws {}

    public func closeRefund(_ refundNumber: String) async throws {
        throw FakeProblem("this provider does not close refunds")
    }

    /// Sends a notice once. Returns whether the answer stops the retries.
    public func notify(_ notice: FakeNotice, to url: String) async throws -> Bool {
        let answer = try await FakeClient.post(notice, to: url)
        return expects(answer.status, answer.contentType, answer.body)
    }

    /// Runs a body while the fake is running.
    public func whileRunning<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await start()
        do {
            let value = try await body()
            await stop()
            return value
        } catch {
            await stop()
            throw error
        }
    }
}
