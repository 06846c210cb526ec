public import PayCore

/// A payment provider's counterpart on loopback: its routes, its books, and the buyer who pays there.
///
/// Written from what is known of the provider, and never by the adapter's own code: the two meet only on the wire. It
/// sees time by the clock that it is made with, because tests move that by hand. Where an adapter would be at fault
/// (a signature that isn't right, parameters that changed), it refuses as the provider would.
public protocol ProviderFake: Sendable {
    /// Where the adapter is to call. Only between ``start()`` and ``stop()``.
    var baseURL: String { get }

    func start() async throws

    /// Releases every connection that is held.
    func stop() async

    /// The next `times` calls of that operation go wrong so.
    func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int)

    /// How many requests for an operation came, whatever became of them.
    func calls(_ operation: FakeOperation) -> Int

    /// The buyer's browser or app opens a page that was handed out, and the buyer gets as far as the cashier. Where
    /// opening is what creates the trade (Alipay), it is in the books afterwards. Throws when the page is no good: its
    /// signature, its time, or its trade.
    func open(_ page: ProviderPage, terminal: Terminal) async throws

    /// The buyer pays a trade in the books, and the provider's number for the payment comes back. Throws when it takes
    /// no money any more. Sends no notice: that is ``notify(_:to:)``.
    func pay(_ tradeNumber: String) async throws -> String

    /// The same for a buyer who was at the password prompt when the trade was closed or ended. Throws where the
    /// provider lets nobody finish then.
    func payAtThePrompt(_ tradeNumber: String) async throws -> String

    func trade(_ number: String) async -> FakeTrade?

    /// Every trade, the oldest first.
    var trades: [FakeTrade] { get async }

    /// A refund that was taken goes through now. Nothing happens where refunds are done at once.
    func finishRefund(_ refundNumber: String) async throws

    /// The notice of a payment, signed now.
    func notice(ofPayment tradeNumber: String) async throws -> FakeNotice

    /// The notice of a refund that went through, signed now; nil where the provider sends none.
    func notice(ofRefund refundNumber: String) async throws -> FakeNotice?

    /// Whether an answer to a notice is the one that stops the retries.
    func expects(_ status: Int, _ contentType: String?, _ body: [UInt8]) -> Bool
}

extension ProviderFake {
    public func arm(_ fault: FakeFault, on operation: FakeOperation) {
        arm(fault, on: operation, times: 1)
    }

    public func open(_ page: ProviderPage, terminal: Terminal) async throws {}

    public func payAtThePrompt(_ tradeNumber: String) async throws -> String {
        throw FakeProblem("this provider lets nobody finish at the prompt")
    }

    public func finishRefund(_ refundNumber: String) async throws {}

    /// Sends a notice once, and says whether the answer stops the retries.
    public func notify(_ notice: FakeNotice, to url: String) async throws -> Bool {
        let answer = try await FakeClient.post(notice, to: url)
        return expects(answer.status, answer.contentType, answer.body)
    }

    /// Runs a body while the fake is up.
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
