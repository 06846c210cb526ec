import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import PayAPI
import PayCore

/// The typed input of a template. Its stored properties are the names that the template uses: texts, numbers, Booleans,
/// optionals, arrays and structs of those. All texts are final, so the template decides nothing.
///
/// Every template can also name `words` (``ConsoleWords``), `lang`, `csrf`, `mayOperate` and `isAdmin`.
protocol ConsoleView: Sendable {
    static var template: ConsoleTemplate { get }
}

/// A page: its content, and its place in the frame.
struct ConsolePage: Sendable {
    let title: String
    /// The section of the navigation that is marked. Nil for none.
    let section: ConsoleSection?
    private let canRefresh: Bool
    private let content: @Sendable (SharedMembers) -> String

    /// - Parameter canRefresh: false for a page that is another one each time that it is fetched.
    init(_ title: String, in section: ConsoleSection?, _ view: some ConsoleView, canRefresh: Bool = true) {
        self.title = title
        self.section = section
        self.canRefresh = canRefresh
        content = { type(of: view).template.html(view, $0) }
    }

    /// A page with a title and a sentence.
    static func message(_ title: String, _ lead: String) -> ConsolePage {
        ConsolePage(title, in: nil, MessageView(title: title, lead: lead, home: ConsolePath.home))
    }

    /// - Parameter isLive: whether the page can be fetched again under its address.
    func html(
        for who: SignedIn?, _ language: ConsoleLanguage, flash: ConsoleFlash?, place: String, isLive: Bool
    ) -> String {
        let shared = SharedMembers(language: language, csrf: who?.csrf ?? "", role: who?.role)
        let words = language.words
        let layout = LayoutView(
            title: title, stylesheet: ConsoleAssets.stylesheet.url, script: ConsoleAssets.script.url,
            icon: ConsoleAssets.icon.url, home: ConsolePath.home,
            nav: ConsoleSection.allCases.filter { section in who.map { section.role <= $0.role } ?? false }
                .map { .init(label: $0.title(in: language), href: $0.path, isCurrent: $0 == section) },
            person: who.map {
                .init(
                    who: $0.name.text, roleName: words.frame.role($0.role), signOut: ConsolePath.signOut,
                    account: ConsolePath.account)
            },
            flash: flash.map { .init(tone: $0.tone.rawValue, message: $0.text) },
            otherTag: language.other.rawValue, otherName: language.other.ownName,
            otherLink: LanguageRoute.path(language.other, back: place), isLive: isLive && canRefresh && who != nil,
            content: content(shared))
        return LayoutView.template.html(layout, shared)
    }
}

/// The frame around every page.
struct LayoutView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.layout_mustache)

    struct Link: Sendable {
        let label: String
        let href: String
        let isCurrent: Bool
    }

    struct Person: Sendable {
        let who: String
        let roleName: String
        let signOut: String
        let account: String
    }

    struct Flash: Sendable {
        let tone: String
        let message: String
    }

    let title: String
    let stylesheet: String
    let script: String
    let icon: String
    let home: String
    let nav: [Link]
    let person: Person?
    let flash: Flash?
    let otherTag: String
    let otherName: String
    let otherLink: String
    let isLive: Bool
    /// HTML, which the page's own template escaped.
    let content: String
}

private struct MessageView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.message_mustache)

    let title: String
    let lead: String
    let home: String
}

extension ConsoleVisit {
    func html(_ page: ConsolePage, _ status: HTTPResponse.Status) -> Response {
        // Another tab's refresh must not take the message of this one.
        let cookie = who == nil || request.isRefresh ? nil : cookies.value(CookieStem.flash, in: request)
        let flash = cookie.flatMap { cookie in who.flatMap { ConsoleFlash(cookie, of: $0) } }
        // After a form, the language switch can't repeat the request: it leads to the overview.
        let isPage = request.method == .get || request.method == .head
        let html = ByteBuffer(
            string: page.html(
                for: who, language, flash: flash, place: (isPage ? SafePath.own(place) : nil) ?? ConsolePath.home,
                isLive: isPage && status == .ok))
        var headers = ConsoleHeaders.html
        if cookie != nil { headers.append(.init(name: .setCookie, value: cookies.remove(CookieStem.flash).header)) }
        guard request.isRefresh, status == .ok else {
            return Response(status: status, headers: headers, body: .init(byteBuffer: html))
        }
        let tag = "\"\(Hexadecimal.text(of: SHA256.hash(data: Array(html.readableBytesView)).prefix(12)))\""
        headers[.eTag] = tag
        guard !request.names(tag) else { return Response(status: .notModified, headers: headers) }
        return Response(status: status, headers: headers, body: .init(byteBuffer: html))
    }
}

extension Request {
    /// Whether the request was made by the page's script, to keep the page up to date.
    var isRefresh: Bool { headers[.consoleRefresh] != nil }
}

extension HTTPField.Name {
    static let consoleRefresh = Self("X-Console-Refresh")!
}
