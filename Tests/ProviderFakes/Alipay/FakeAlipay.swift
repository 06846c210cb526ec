import PayCore
public import PayFlow
import Synchronization

/// A fake of Alipay's gateway and cashier, for one application of one seller.
///
/// A trade begins only when the buyer opens a signed page or scans a code. Until then, queries and closes do not find
/// it.
public final class FakeAlipay: ProviderFake {
    public let appID: String
    public let sellerID: String
    public let keys: FakeAlipayKeys
    /// The certificates of certificate mode; nil in public key mode.
    public let certificates: FakeAlipayCertificates?

    let clock: any PayClock
    let server = FakeServer()
    let books = FakeBooks()
    let faults = FakeFaultList()
    let state = Mutex(State())

    struct State {
        var calls: [FakeOperation: Int] = [:]
        /// The trade that each code opens, by the code's text.
        var codes: [String: Code] = [:]
        /// Facts about a trade beside the books, by our number.
        var orders: [String: FakeAlipayOrder] = [:]
        var lastNumber = 0
        var holdsRefunds = false
        /// The trades whose refunds Alipay refuses.
        var frozen: Set<String> = []
        /// The files of bills, by the token in their address.
        var bills: [String: BillAddress] = [:]
        var billFault: FakeBillFault?
        var storesBills = false
        /// The place of the certificate that Alipay signs with.
        var signer = 0
        var certificateFault: FakeCertificateFault?
        var downloads = 0
    }

    struct Code {
        let order: FakeAlipayOrder
        let diesAt: Instant
    }

    /// `certificates` are those of an application in certificate mode.
    public init(
        clock: any PayClock, account: FakeAlipayAccount = .first, certificates: FakeAlipayCertificates? = nil
    ) {
        appID = account.appID
        sellerID = account.sellerID
        keys = account.keys
        self.clock = clock
        self.certificates = certificates
    }

    public var baseURL: String { server.baseURL }

    /// The full URL, as configured.
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

    /// Every request to the gateway.
    public var requests: [FakeRequest] { server.requests }

    /// The notify URL of a trade.
    public func notifyURL(of tradeNumber: String) -> String? { order(tradeNumber)?.notifyURL }

    /// From now on, refunds are only accepted. ``finishRefund(_:)`` completes them.
    public func holdRefunds() {
        state.withLock { $0.holdsRefunds = true }
    }

    /// Alipay reads the whole body and accepts exactly these seven bytes.
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

/// The content of a request for a trade.
struct FakeAlipayOrder: Sendable {
    let number: String
    let fen: Int64
    let subject: String
    let expiresAt: Instant
    let notifyURL: String?

    /// The parameters that must not change while the trade lives. Pages for other terminals differ in the product only.
    var particulars: String { "\(fen) \(FakeAlipayWire.time(expiresAt)) \(subject)" }

    /// Throws if Alipay would refuse the request.
    init(_ content: [String: String], notifyURL: String?, product: String, at now: Instant) throws {
        guard let number = content["out_trade_no"], number.wholeMatch(of: /[0-9A-Za-z_]{1,64}/) != nil,
            let amount = content["total_amount"], let subject = content["subject"], let end = content["time_expire"],
            content["product_code"] == product
        else { throw FakeProblem("a required field is missing or invalid") }
        guard !subject.isEmpty, subject.count <= 256, !subject.contains(where: { "/=&".contains($0) }) else {
            throw FakeProblem("invalid subject")
        }
        self.number = number
        self.fen = try FakeAlipayWire.fen(amount)
        self.subject = subject
        self.expiresAt = try FakeAlipayWire.instant(end)
        self.notifyURL = notifyURL
        let known: Set<String> = [
            "out_trade_no", "total_amount", "subject", "time_expire", "product_code", "quit_url",
        ]
        guard known.isSuperset(of: content.keys) else { throw FakeProblem("undocumented field") }
        guard (1...10_000_000_000).contains(fen) else { throw FakeProblem("amount out of range") }
        guard expiresAt - now <= .seconds(15 * 86_400) else {
            throw FakeProblem("time_expire is more than 15 days away")
        }
    }
}

/// An application of a seller.
public struct FakeAlipayAccount: Sendable {
    public let appID: String
    public let sellerID: String
    public let keys: FakeAlipayKeys

    public static let first = FakeAlipayAccount(
        appID: "2021000000000001", sellerID: "2088000000000001", keys: .shared)
    public static let second = FakeAlipayAccount(
        appID: "2021000000000002", sellerID: "2088000000000002", keys: .second)
}
