import HTTPTypes
import Hummingbird
import PayAPI
import PayAccess
import PayCore
import PayFlow
import QRDrawing

/// The operator's own one-time codes: turned on by a first code, and off.
struct CodeRoutes: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/account/codes", role: .viewer) { visit, who in
                try page(visit, who, OneTimeCodes.makeSecret())
            },
            .post("/console/account/codes", role: .viewer, turnOn),
            .post("/console/account/codes/off", role: .viewer, turnOff),
        ]
    }

    /// The page keeps the new secret, authenticated by the session, until the operator has shown a code of it.
    private func page(
        _ visit: ConsoleVisit, _ who: SignedIn, _ secret: String, alarm: String? = nil,
        _ status: HTTPResponse.Status = .ok
    ) throws -> ConsoleAnswer {
        let words = visit.words.account
        let code = try QRCode(OneTimeCodes.address(of: secret, for: who.name))
        let view = CodesView(
            secret: secret, seal: who.token.code(for: Self.purpose + secret),
            shownSecret: Self.inFours(secret), picture: code.svg(moduleSize: 5, label: words.codesPicture), alarm: alarm
        )
        return .page(ConsolePage(words.codesTitle, in: nil, view, canRefresh: false), status)
    }

    @Sendable private func turnOn(
        _ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields
    ) async throws -> ConsoleAnswer {
        guard let secret = form.only("secret"), let seal = form.only("seal"),
            who.token.isCode(seal, for: Self.purpose + secret)
        else { return .refused(.foreignForm) }
        let own = OwnPassword(parts: parts)
        switch try await own.check(form.only("present"), of: who.name, visit) {
        case .refused(let status, let reason): return try page(visit, who, secret, alarm: reason, status)
        case .right(let hash):
            guard let step = OneTimeCodes.step(of: form.only("code") ?? "", by: secret, at: visit.now) else {
                return try page(visit, who, secret, alarm: visit.words.account.wrongCode, .unprocessableContent)
            }
            return try await own.renew(visit, who, saying: visit.words.account.codesOnNow) { account in
                account.turnOnCodes(secret, usedStep: step, knowing: hash) ? .operatorCodesTurnedOn : nil
            }
        }
    }

    @Sendable private func turnOff(
        _ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields
    ) async throws -> ConsoleAnswer {
        let own = OwnPassword(parts: parts)
        switch try await own.check(form.only("present"), of: who.name, visit) {
        case .refused(_, let reason): return .redirect(to: ConsolePath.account, saying: .failed(reason))
        case .right(let hash):
            return try await own.renew(visit, who, saying: visit.words.account.codesOffNow) { account in
                account.turnOffCodes(knowing: hash) ? .operatorCodesTurnedOff : nil
            }
        }
    }

    private static let purpose = "codes:"

    private static func inFours(_ secret: String) -> String {
        var groups: [Substring] = []
        var rest = secret[...]
        while !rest.isEmpty {
            groups.append(rest.prefix(4))
            rest = rest.dropFirst(4)
        }
        return groups.joined(separator: " ")
    }
}

struct CodesView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.codes_mustache)

    let secret: String
    let seal: String
    let shownSecret: String
    /// HTML, which the drawing escaped.
    let picture: String
    let alarm: String?
}
