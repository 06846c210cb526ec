import PayCore

/// A section of the navigation, in its order.
enum ConsoleSection: CaseIterable, Sendable {
    case overview, orders, refunds, webhooks, channels, reconciliation, trends, audit

    var path: String {
        switch self {
        case .overview: ConsolePath.home
        case .orders: PagePath.search
        case .refunds: PagePath.refunds
        case .webhooks: PagePath.webhooks
        case .channels: PagePath.channels
        case .reconciliation: PagePath.reconciliation
        case .trends: TrendPages.path
        case .audit: PagePath.audit
        }
    }

    func title(in language: ConsoleLanguage) -> String {
        switch self {
        case .overview: language.words.frame.overview
        case .orders: language.of("Orders", "订单")
        case .refunds: language.of("Refunds", "退款")
        case .webhooks: language.of("Webhooks", "商城通知")
        case .channels: language.of("Channels", "渠道")
        case .reconciliation: language.of("Reconciliation", "对账")
        case .trends: language.of("Trends", "趋势")
        case .audit: language.of("Audit", "审计")
        }
    }

    /// The least role that sees the section.
    var role: OperatorRole {
        switch self {
        case .overview, .orders, .refunds, .webhooks, .channels, .reconciliation, .trends, .audit: .viewer
        }
    }
}
