import CryptoExtras
import Foundation
public import PayCore
public import PayFlow
import Synchronization

/// A fake of WeChat Pay (APIv3): it verifies the merchant's signatures, keeps books, signs and encrypts its answers,
/// and refuses what WeChat refuses. Its errors are unsigned, like WeChat's.
public final class FakeWeChatPay: ProviderFake {
    /// The ids and keys of its merchant.
    public static let merchantID = "1900007291"
    public static let serialNumber = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB"
    public static let apiV3Key = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"
    public static let publicKeyID = "PUB_KEY_ID_0116000000012024110600000000001"

    /// The merchant's private key, PKCS#8 in PEM.
    public static var merchantKey: String { FakeWeChatPayKeys.merchant.pkcs8PEMRepresentation }

    /// WeChat Pay's public key.
    public static var publicKey: String { FakeWeChatPayKeys.publicKey.publicKey.pemRepresentation }

    let server = FakeServer()
    let faults = FakeFaultList()
    let clock: any PayClock
    let desk: FakeWeChatPayDesk
    let oauth: FakeWeChatPayOAuth
    private let counts = Mutex<[FakeOperation: Int]>([:])
    private let certificate = Mutex(0)
    let billFiles = Mutex<[String: BillFile]>([:])
    let billFault = Mutex<FakeBillFault?>(nil)
    private let notices: FakeWeChatPaySigner

    /// `notices` selects the key that signs notices. Answers are signed by the key that a request names, or else by the
    /// certificate.
    public init(clock: any PayClock, notices: FakeWeChatPaySigner = .publicKey) {
        self.clock = clock
        self.notices = notices
        desk = FakeWeChatPayDesk(clock: clock)
        oauth = FakeWeChatPayOAuth(clock: clock)
    }

    public var baseURL: String { server.baseURL }

    public func start() async throws {
        try await server.start { [self] in await answer($0) }
    }

    public func stop() async {
        await server.stop()
    }

    public func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int) {
        faults.arm(fault, on: operation, times: times)
    }

    public func calls(_ operation: FakeOperation) -> Int { counts.withLock { $0[operation, default: 0] } }

    /// Every request, oldest first.
    public var requests: [FakeRequest] { server.requests }

    public var trades: [FakeTrade] { desk.books.all }

    public func trade(_ number: String) -> FakeTrade? { desk.books[number] }

    public func open(_ page: ProviderPage, terminal: Terminal) async throws {
        try desk.open(page, terminal: terminal)
    }

    public func pay(_ tradeNumber: String) async throws -> String {
        try desk.pay(tradeNumber, from: [.unpaid])
    }

    public func payAtThePrompt(_ tradeNumber: String) async throws -> String {
        try desk.pay(tradeNumber, from: [.unpaid, .closed])
    }

    /// From now on another certificate signs, which is new to all clients.
    public func changeCertificate() {
        certificate.withLock { $0 = 1 }
    }

    public func notice(ofPayment tradeNumber: String) async throws -> FakeNotice {
        try notice(ofPayment: tradeNumber, signedBy: notices)
    }

    public func notice(ofPayment tradeNumber: String, signedBy signer: FakeWeChatPaySigner) throws -> FakeNotice {
        guard let trade = desk.books[tradeNumber], trade.isPaid else { throw FakeProblem("\(tradeNumber) isn't paid") }
        return notice(
            id: "EV-\(FakeWeChatPaySeal.alias(trade.transactionID ?? ""))", event: "TRANSACTION.SUCCESS",
            type: "transaction",
            FakeWeChatPayWire.encode(desk.wire(trade, state: "SUCCESS")), signedBy: signer)
    }

    public func notice(ofRefund refundNumber: String) async throws -> FakeNotice? {
        guard let (trade, refund) = desk.books.refund(refundNumber), refund.state != .underWay else {
            throw FakeProblem("\(refundNumber) is not complete")
        }
        let news = FakeWeChatPayWire.RefundNews(
            mchid: Self.merchantID, out_trade_no: trade.number, transaction_id: trade.transactionID ?? "",
            out_refund_no: refund.number, refund_id: "5\(trade.transactionID ?? "")", refund_status: refund.state.wire,
            success_time: refund.doneAt.map(FakeWeChatPayWire.time),
            amount: FakeWeChatPayWire.RefundAmount(
                refund: refund.amount, total: trade.amount, currency: trade.currency))
        return notice(
            id: "EV-\(FakeWeChatPaySeal.alias(refund.number + refund.state.wire))",
            event: "REFUND.\(refund.state.wire)", type: "refund",
            FakeWeChatPayWire.encode(news),
            signedBy: notices)
    }

    /// WeChat requires a 200 or a 204 and reads no body.
    public func expects(_ status: Int, _ contentType: String?, _ body: [UInt8]) -> Bool {
        status == 200 || status == 204
    }
}

extension FakeWeChatPay {
    private func notice(
        id: String, event: String, type: String, _ content: [UInt8], signedBy signer: FakeWeChatPaySigner
    ) -> FakeNotice {
        var sealed = FakeWeChatPaySeal.seal(content, associatedData: type, key: Self.apiV3Key)
        sealed.original_type = type
        let body = FakeWeChatPayWire.encode(
            FakeWeChatPayWire.Notice(
                id: id, create_time: FakeWeChatPayWire.time(clock.now()), resource_type: "encrypt-resource",
                event_type: event, summary: "通知", resource: sealed))
        let signature =
            headers(over: body, by: signer) + [
                FakeHeader("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
                FakeHeader("Content-Type", "application/json"),
            ]
        return FakeNotice(headers: signature, body: body)
    }

    private func answer(_ request: FakeRequest) async -> FakeReply {
        if let reply = oauthReply(to: request) { return reply }
        guard let route = FakeWeChatPayRoute(request) else { return failure(.init(404, "RESOURCE_NOT_EXISTS")) }
        guard let operation = route.operation else {
            if let refusal = refusal(of: request) { return failure(refusal) }
            switch route {
            case .bill(let date):
                switch bill(of: date) {
                case .done(let status, let body): return success(status, body, for: request)
                case .refused(let refusal): return failure(refusal)
                }
            case .billFile(let token): return billFile(token)
            default: return success(200, FakeWeChatPayWire.encode(certificates), for: request)
            }
        }
        counts.withLock { $0[operation, default: 0] += 1 }
        return await faults.answer(operation) { fault in
            if let refusal = refusal(of: request) { return failure(refusal) }
            if let refusal = fault?.refusal(of: operation) { return failure(refusal) }
            switch desk.answer(route, request.body) {
            case .refused(let refusal): return failure(refusal)
            case .done(let status, let body): return success(status, body, for: request, fault)
            }
        }
    }

    /// WeChat's checks of the caller and the form, before it looks at the content.
    private func refusal(of request: FakeRequest) -> FakeWeChatPayRefusal? {
        guard request.header("User-Agent")?.isEmpty == false, request.header("Accept") == "application/json" else {
            return .init(400, "PARAM_ERROR")
        }
        guard request.method == "GET" || request.header("Content-Type") == "application/json" else {
            return .init(400, "PARAM_ERROR")
        }
        let serials = [nil, Self.publicKeyID] + FakeWeChatPayKeys.certificates.map(\.serial)
        guard serials.contains(request.header("Wechatpay-Serial")) else { return .init(400, "PARAM_ERROR") }
        guard let authorization = request.header("Authorization").flatMap(FakeWeChatPayAuthorization.init),
            authorization.isValid(for: request, at: clock.now())
        else { return .init(401, "SIGN_ERROR") }
        return nil
    }

    private var certificates: FakeWeChatPayWire.Certificates {
        FakeWeChatPayWire.Certificates(
            data: [inUse].map { certificate in
                FakeWeChatPayWire.SealedCertificate(
                    serial_no: certificate.serial, effective_time: certificate.notBefore.formatted(.iso8601),
                    expire_time: certificate.notAfter.formatted(.iso8601),
                    encrypt_certificate: FakeWeChatPaySeal.seal(
                        Array(certificate.pem.utf8), associatedData: "certificate", key: Self.apiV3Key))
            })
    }

    private var inUse: FakeWeChatPayCertificate { FakeWeChatPayKeys.certificates[certificate.withLock { $0 }] }

    func failure(_ refusal: FakeWeChatPayRefusal) -> FakeReply {
        let body = FakeWeChatPayWire.encode(FakeWeChatPayWire.Failure(code: refusal.code, message: "不可以"))
        let headers = [
            FakeHeader("Content-Type", "application/json"),
            FakeHeader("Request-ID", "08\(FakeWeChatPaySeal.randomText(20).uppercased())-268498688"),
        ]
        return .answer(status: refusal.status, headers: headers, body: body)
    }

    private func success(_ status: Int, _ body: [UInt8], for request: FakeRequest, _ fault: FakeFault? = nil)
        -> FakeReply
    {
        let isGarbage = fault == .garbage
        let body = isGarbage ? Array("{\"code_url\":".utf8) : body
        let signer =
            request.header("Wechatpay-Serial") == Self.publicKeyID ? FakeWeChatPaySigner.publicKey : .certificate
        var headers = headers(over: body, by: signer)
        switch fault {
        case .unsigned: headers.removeAll { $0.name.hasPrefix("Wechatpay-") }
        case .badlySigned:
            headers = headers.map { header in
                guard header.name == "Wechatpay-Signature" else { return header }
                return FakeHeader(header.name, "WECHATPAY/SIGNTEST/\(header.value.dropFirst(19))")
            }
        default: break
        }
        if status != 204 || isGarbage { headers.append(FakeHeader("Content-Type", "application/json")) }
        return .answer(status: isGarbage ? 200 : status, headers: headers, body: body)
    }

    private func headers(over body: [UInt8], by signer: FakeWeChatPaySigner) -> [FakeHeader] {
        let timestamp = String(clock.now().milliseconds / 1_000)
        let nonce = FakeWeChatPaySeal.randomText(32)
        let text = Array("\(timestamp)\n\(nonce)\n".utf8) + body + Array("\n".utf8)
        let certificate = inUse
        let key = signer == .publicKey ? FakeWeChatPayKeys.publicKey : certificate.key
        return [
            FakeHeader("Request-ID", "08\(FakeWeChatPaySeal.randomText(20).uppercased())-0"),
            FakeHeader("Wechatpay-Timestamp", timestamp), FakeHeader("Wechatpay-Nonce", nonce),
            FakeHeader("Wechatpay-Serial", signer == .publicKey ? Self.publicKeyID : certificate.serial),
            FakeHeader("Wechatpay-Signature", FakeWeChatPaySeal.sign(text, with: key)),
        ]
    }
}

/// An error of WeChat: a status and a code.
struct FakeWeChatPayRefusal: Error {
    let status: Int
    let code: String

    init(_ status: Int, _ code: String) {
        self.status = status
        self.code = code
    }
}

extension FakeFault {
    /// The refusal for a fault that is not processed; nil if the call is processed.
    fileprivate func refusal(of operation: FakeOperation) -> FakeWeChatPayRefusal? {
        switch self {
        case .error: .init(500, "SYSTEM_ERROR")
        case .refused: .init(403, "RULE_LIMIT")
        case .unlisted: .init(403, "USER_ACCOUNT_ABNORMAL")
        case .lowBalance: .init(403, "NOT_ENOUGH")
        case .tooOften: .init(429, "FREQUENCY_LIMITED")
        // WeChat's documentation has no code for this case. This is its code for calls at a wrong time.
        case .closeTooEarly: .init(400, "INVALID_REQUEST")
        case .noSuchTrade:
            operation == .refund || operation == .follow
                ? .init(404, "RESOURCE_NOT_EXISTS") : .init(404, "ORDER_NOT_EXIST")
        case .timeout, .lost, .slow, .garbage, .unsigned, .badlySigned: nil
        }
    }
}

/// The five fields of `Authorization`.
private struct FakeWeChatPayAuthorization {
    private let fields: [Substring: Substring]

    init?(_ value: String) {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0] == "WECHATPAY2-SHA256-RSA2048" else { return nil }
        var fields: [Substring: Substring] = [:]
        for field in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            let pair = field.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[1].count >= 2, pair[1].first == "\"", pair[1].last == "\"",
                fields.updateValue(pair[1].dropFirst().dropLast(), forKey: pair[0]) == nil
            else { return nil }
        }
        self.fields = fields
    }

    func isValid(for request: FakeRequest, at now: Instant) -> Bool {
        guard fields.count == 5, fields["mchid"] == FakeWeChatPay.merchantID[...],
            fields["serial_no"] == FakeWeChatPay.serialNumber[...], let nonce = fields["nonce_str"],
            let timestamp = fields["timestamp"], let seconds = Int64(timestamp), let signature = fields["signature"],
            abs(now.milliseconds / 1_000 - seconds) <= 300, !nonce.isEmpty
        else { return false }
        let text = "\(request.method)\n\(request.target)\n\(timestamp)\n\(nonce)\n"
        return FakeWeChatPaySeal.isSigned(
            Array(text.utf8) + request.body + Array("\n".utf8), String(signature),
            by: FakeWeChatPayKeys.merchant.publicKey)
    }
}
