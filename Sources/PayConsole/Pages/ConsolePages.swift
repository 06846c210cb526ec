/// The pages for operators who are signed in.
struct ConsolePages: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            OverviewPage(parts: parts).routes, SearchPages(parts: parts).routes, OrderPages(parts: parts).routes,
            RefundPages(parts: parts).routes, WebhookPages(parts: parts).routes, ChannelPages(parts: parts).routes,
            ReconciliationPages(parts: parts).routes, AuditPages(parts: parts).routes, TrendPages(parts: parts).routes,
        ].flatMap { $0 }
    }
}
