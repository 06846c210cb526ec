import PayCore
public import PayFlow
import Synchronization

/// Alipay's gateway and cashier on loopback, for one application of one seller.
///
/// A trade begins when the buyer opens a signed page or scans a code, and not before: nobody who asks for it or closes
/// it finds it until then.
public final class FakeAlipay: ProviderFake {
    public let appID = "2021000000000001"
    public let sellerID = "2088000000000001"
    public let keys = FakeAlipayKeys.shared

    let clock: any PayClock
    let server = FakeServer()
    let books = FakeBooks()
    let faults = FakeFaultList()
    let state = Mutex(State())

    struct State {
        var calls: [FakeOperation: Int] = [:]
        /// What a code opens, by its text.
        var codes: [String: Code] = [:]
        /// What is known of a trade beside the books, by our number for it.
        var orders: [String: FakeAlipayOrder] = [:]
        var lastNumber = 0
        var isFrozen = false
    }

    struct Code {
        let order: FakeAlipayOrder
        let diesAt: Instant
    }

    public init(clock: any PayClock) {
        self.clock = clock
    }

    public var baseURL: String { server.baseURL }

    /// The whole address, as it is configured.
    public var gatewayURL: String { "\(baseURL)/gateway.do" }

    public func start() async throws {
        try await server.start { [self] request in await answer(request) }
    }

    public func stop() async {
        await server.stop()
    }

    public func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int) {
        faults.arm(fault, on: operation, times: times)
    }

    public func calls(_ operation: FakeOperation) -> Int {
        state.withLock { $0.calls[operation, default: 0] }
    }

    public func trade(_ number: String) -> FakeTrade? { books[number] }

    public var trades: [FakeTrade] { books.all }

    /// Every request that came to the gateway.
    public var requests: [FakeRequest] { server.requests }

    /// Where the notices of a trade go.
    public func notifyURL(of tradeNumber: String) -> String? { order(tradeNumber)?.notifyURL }

    /// From now on a refund is only taken, and done by ``finishRefund(_:)``.
    public func holdRefunds() {
        state.withLock { $0.isFrozen = true }
    }

    /// Alipay reads the whole body, and nothing but these seven bytes will do.
    public func expects(_ status: Int, _ contentType: String?, _ body: [UInt8]) -> Bool {
        status == 200 && body == Array("success".utf8)
    }

    func order(_ tradeNumber: String) -> FakeAlipayOrder? { state.withLock { $0.orders[tradeNumber] } }

    func number() -> String {
        state.withLock { state in
            state.lastNumber += 1
            return "\(20_261_122_220_014_000 + state.lastNumber)"
        }
    }
}

/// What a request for a trade says.
struct FakeAlipayOrder: Sendable {
    let number: String
    let fen: Int64
    let subject: String
    let expiresAt: Instant
    let notifyURL: String?

    /// What may not change while the trade lives. A page for another terminal differs in its product alone.
    var particulars: String { "\(fen) \(FakeAlipayWire.time(expiresAt)) \(subject)" }

    /// Throws when Alipay wouldn't take it.
    init(_ content: [String: String], notifyURL: String?, product: String, at now: Instant) throws {
        guard let number = content["out_trade_no"], number.wholeMatch(of: /[0-9A-Za-z_]{1,64}/) != nil,
            let amount = content["total_amount"], let subject = content["subject"], let end = content["time_expire"],
            content["product_code"] == product
        else { throw FakeProblem("the content lacks something") }
        guard !subject.isEmpty, subject.count <= 256, !subject.contains(where: { "/=&".contains($0) }) else {
            throw FakeProblem("Alipay takes no such subject")
        }
        self.number = number
        self.fen = try FakeAlipayWire.fen(amount)
        self.subject = subject
        self.expiresAt = try FakeAlipayWire.instant(end)
        self.notifyURL = notifyURL
        let known: Set<String> = [
            "out_trade_no", "total_amount", "subject", "time_expire", "product_code", "quit_url",
        ]
        guard known.isSuperset(of: content.keys) else { throw FakeProblem("an undocumented field") }
        guard (1...10_000_000_000).contains(fen) else { throw FakeProblem("Alipay takes no such amount") }
        guard expiresAt - now <= .seconds(15 * 86_400) else { throw FakeProblem("too long a life") }
    }
}
