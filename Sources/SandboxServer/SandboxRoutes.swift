import HTTPTypes
import Hummingbird
import PayCore
import PayFlow
import PayProviders

/// The unsigned routes of the sandbox: for people with a page, and for scripts that inspect trades and inject faults.
struct SandboxRoutes: Sendable {
    let books: SandboxBooks
    let notices: SandboxNotices
    let clock: any PayClock

    func list() async -> Response {
        let now = clock.now()
        return .json(SandboxTradeListView(trades: await books.allTrades().map { SandboxTradeView($0, at: now) }))
    }

    func show(_ number: String) async -> Response {
        guard let trade = await books.trade(number) else { return .noSuchTrade }
        return .json(SandboxTradeView(trade, at: clock.now()))
    }

    func page(_ number: String, _ request: Request, at place: SandboxPlace) async -> Response {
        guard let trade = await books.trade(number) else { return .noSuchTrade }
        let page = request.page(of: trade, at: place)
        switch trade.state(at: clock.now()) {
        case .unpaid: return .html(page.document)
        case .paid: return .html(page.after(.alreadyPaid))
        case .closed, .refunded: return .html(page.after(.over))
        }
    }

    /// `?late=true` simulates a buyer who was at the password prompt when the trade was closed.
    func pay(_ number: String, _ request: Request, at place: SandboxPlace) async -> Response {
        let atThePrompt = request.uri.queryParameters["late"] == "true"
        switch await books.pay(number, atThePrompt: atThePrompt, at: clock.now()) {
        case .paid(let trade, let payment, let trouble):
            notices.post(SandboxNotices.Letter(paid: trade, payment, trouble: trouble))
            return told(.paid, of: trade, request, at: place)
        case .alreadyPaid(let trade): return told(.alreadyPaid, of: trade, request, at: place)
        case .over(let trade): return told(.over, of: trade, request, at: place)
        case .noSuchTrade: return .noSuchTrade
        }
    }

    /// The buyer cancels. As at most providers, the trade stays payable.
    func giveUp(_ number: String, _ request: Request, at place: SandboxPlace) async -> Response {
        guard let trade = await books.trade(number) else { return .noSuchTrade }
        switch trade.state(at: clock.now()) {
        case .unpaid, .closed: return told(.gaveUp, of: trade, request, at: place)
        case .paid, .refunded: return told(.alreadyPaid, of: trade, request, at: place, status: .conflict)
        }
    }

    /// A refund as in a provider's console: the client did not request it, and learns of it by the notice. An empty body
    /// refunds all that is left.
    func refund(_ number: String, _ request: Request) async -> Response {
        var request = request
        guard let body = await request.readBody() else { return .tooLarge }
        guard let wish = SandboxWire.decode(SandboxRefundWish.self, from: body.isEmpty ? Array("{}".utf8) : body) else {
            return .problem(.badRequest, "expected an empty body or {\"amount\": minor units}")
        }
        switch await books.refundByHand(number, amount: wish.amount, at: clock.now()) {
        case .made(let trade, let refund):
            notices.post(SandboxNotices.Letter(refunded: trade, refund))
            return .json(SandboxTradeView(trade, at: clock.now()))
        case .refused(let trade): return .json(SandboxTradeView(trade, at: clock.now()), status: .conflict)
        case .noSuchTrade: return .noSuchTrade
        }
    }

    func showFaults() async -> Response {
        .json(await books.faultsLeft().lines)
    }

    func setFaults(_ request: Request) async -> Response {
        var request = request
        guard let body = await request.readBody() else { return .tooLarge }
        do throws(SandboxFaultMistake) {
            await books.setFaults(try SandboxFaults.read(body))
            return await showFaults()
        } catch {
            return .problem(.badRequest, error.message)
        }
    }

    /// A page for a browser, the trade in JSON for a script.
    private func told(
        _ news: SandboxPage.News, of trade: SandboxTrade, _ request: Request, at place: SandboxPlace,
        status: HTTPResponse.Status? = nil
    ) -> Response {
        let status = status ?? (news == .over ? .conflict : .ok)
        if request.wantsHTML { return .html(request.page(of: trade, at: place).after(news), status: status) }
        return .json(SandboxTradeView(trade, at: clock.now()), status: status)
    }
}

extension Request {
    /// A trade's page in the reader's language: the `lang` of the query, otherwise the browser's.
    fileprivate func page(of trade: SandboxTrade, at place: SandboxPlace) -> SandboxPage {
        SandboxPage(
            trade, at: place, preferring: .preferred(by: headers[values: .acceptLanguage]),
            chosen: uri.queryParameters["lang"].flatMap { BuyerLanguage(tag: $0) })
    }
}

extension Response {
    static var noSuchTrade: Response { problem(.notFound, "the sandbox has no such trade") }
}
