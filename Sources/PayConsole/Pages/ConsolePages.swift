import Hummingbird
import PayCore

/// The pages for operators who are signed in.
struct ConsolePages: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console", role: .viewer) { visit, who in
                .page(ConsolePage(visit.words.frame.overview, in: .overview, HomeView(name: who.name.text)))
            }
        ]
    }
}

struct HomeView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.home_mustache)

    let name: String
}
