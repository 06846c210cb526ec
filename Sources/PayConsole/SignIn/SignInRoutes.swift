import Hummingbird
import PayCore

/// The routes of signing in and out.
struct SignInRoutes: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .openGet("/console/sign-in") { visit in
                let view = SignInView(action: ConsolePath.signIn)
                return .page(ConsolePage(visit.words.signIn.title, in: nil, view))
            }
        ]
    }
}

struct SignInView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.signin_mustache)

    let action: String
}
