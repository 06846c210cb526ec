import HTTPTypes
import Hummingbird
import PayCore
import PayFlow
import PayProviders

/// The signed API of the sandbox, for providers' clients.
struct SandboxAPI: Sendable {
    let books: SandboxBooks
    let notices: SandboxNotices
    let signer: SandboxSigner
    let clock: any PayClock
    let hold: SandboxHold

    func respond(to request: Request, _ operation: SandboxWire.Operation, at place: SandboxPlace) async -> Response {
        var request = request
        guard let body = await request.readBody() else { return .tooLarge }
        let signature = signer.check(
            timestamp: request.headers[.sandboxTimestamp], signature: request.headers[.sandboxSignature], of: body,
            for: .request(method: "POST", path: operation.path))
        guard let signature else { return .problem(.unauthorized, "the signature is missing or wrong") }
        let reply = SandboxReply(signer: signer, request: signature, clock: clock)
        guard let call = SandboxCall(operation, body) else {
            return reply.answer(SandboxWire.Answer(code: .invalidParameter))
        }
        let trouble = await books.takeFault(for: operation, on: call.channel)
        return await respond(to: request, call, trouble, reply, at: place)
    }

    private func respond(
        to request: Request, _ call: SandboxCall, _ trouble: CallTrouble?, _ reply: SandboxReply,
        at place: SandboxPlace
    ) async -> Response {
        switch trouble {
        case nil: return reply.answer(await perform(call, at: place))
        case .timeout: return await hold.neverAnswer(request)
        case .lost:
            _ = await perform(call, at: place)
            return await hold.neverAnswer(request)
        case .error: return .problem(.internalServerError, "injected fault")
        case .refused: return reply.answer(SandboxWire.Answer(code: .refused))
        case .slow(let wait):
            guard await hold.wait(for: wait) else { return .brokenOff }
            return reply.answer(await perform(call, at: place))
        case .garbage:
            _ = await perform(call, at: place)
            return .garbage
        case .closeTooEarly: return reply.answer(SandboxWire.Answer(code: .closeTooEarly))
        case .noSuchTrade: return reply.answer(SandboxWire.Answer(code: .noSuchTrade))
        case .bill(let trouble): return reply.answer(await perform(call, at: place, trouble))
        }
    }

    private func perform(
        _ call: SandboxCall, at place: SandboxPlace, _ trouble: BillTrouble? = nil
    ) async -> SandboxContent {
        let now = clock.now()
        switch call {
        case .create(let create):
            switch await books.create(create.trade, at: now) {
            case .success(let trade):
                return .answer(
                    SandboxWire.Answer(code: .success, page: SandboxPage(trade, at: place).make(create.page)))
            case .failure(let code): return .answer(SandboxWire.Answer(code: code))
            }
        case .query(let name):
            switch await books.query(name) {
            case .success(let trade): return .answer(SandboxWire.Answer(code: .success, trade: trade.wire(at: now)))
            case .failure(let code): return .answer(SandboxWire.Answer(code: code))
            }
        case .close(let name): return .answer(SandboxWire.Answer(code: await books.close(name, at: now)))
        case .refund(let refund): return .answer(await perform(refund))
        case .bill(let name): return await books.bill(name, trouble, at: now)
        case .followRefund(let name):
            let found = await books.followRefund(name)
            return .answer(
                found.map { SandboxWire.Answer($0.refund, of: $0.trade) } ?? SandboxWire.Answer(code: .noSuchRefund))
        }
    }

    private func perform(_ refund: SandboxWire.Refund) async -> SandboxWire.Answer {
        switch await books.refund(refund, at: clock.now()) {
        case .made(let trade, let made):
            notices.post(SandboxNotices.Letter(refunded: trade, made))
            return SandboxWire.Answer(made, of: trade)
        case .known(let trade, let made): return SandboxWire.Answer(made, of: trade)
        case .refused(let code): return SandboxWire.Answer(code: code)
        }
    }
}

/// The content of an answer.
enum SandboxContent: Sendable {
    case answer(SandboxWire.Answer)
    case bill([UInt8])
}

/// A decoded call.
enum SandboxCall: Sendable {
    case create(SandboxWire.Create)
    case query(SandboxWire.TradeName)
    case close(SandboxWire.TradeName)
    case refund(SandboxWire.Refund)
    case followRefund(SandboxWire.RefundName)
    case bill(SandboxWire.BillName)

    /// Nil if the body is not valid for the operation.
    init?(_ operation: SandboxWire.Operation, _ body: [UInt8]) {
        let call: SandboxCall? =
            switch operation {
            case .create: SandboxWire.decode(SandboxWire.Create.self, from: body).map { .create($0) }
            case .query: SandboxWire.decode(SandboxWire.TradeName.self, from: body).map { .query($0) }
            case .close: SandboxWire.decode(SandboxWire.TradeName.self, from: body).map { .close($0) }
            case .refund: SandboxWire.decode(SandboxWire.Refund.self, from: body).map { .refund($0) }
            case .refundQuery: SandboxWire.decode(SandboxWire.RefundName.self, from: body).map { .followRefund($0) }
            case .bill: SandboxWire.decode(SandboxWire.BillName.self, from: body).map { .bill($0) }
            }
        guard let call else { return nil }
        self = call
    }

    var channel: String {
        switch self {
        case .create(let create): create.trade.channel
        case .query(let name), .close(let name): name.channel
        case .refund(let refund): refund.channel
        case .followRefund(let name): name.channel
        case .bill(let name): name.channel
        }
    }
}

/// Signs the answer to one request.
struct SandboxReply: Sendable {
    let signer: SandboxSigner
    let request: SandboxSignature
    let clock: any PayClock

    func answer(_ content: SandboxContent) -> Response {
        switch content {
        case .answer(let answer): self.answer(answer)
        case .bill(let file): signed(.csv(file), file)
        }
    }

    func answer(_ answer: SandboxWire.Answer) -> Response {
        let body = SandboxWire.encode(answer)
        return signed(.json(body, status: answer.status), body)
    }

    private func signed(_ response: Response, _ body: [UInt8]) -> Response {
        let use = SandboxUse.reply(status: response.status.code, toRequestSignedBy: request.text)
        let signature = signer.sign(body, for: use, at: clock.now())
        var response = response
        response.headers[.sandboxTimestamp] = "\(signature.signedAt.milliseconds)"
        response.headers[.sandboxSignature] = signature.text
        return response
    }
}
