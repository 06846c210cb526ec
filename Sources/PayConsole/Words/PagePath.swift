import PayCore

/// The paths of the console's pages.
enum PagePath {
    static let search = "/console/search"
    static let refunds = "/console/refunds"
    static let webhooks = "/console/webhooks"
    static let channels = "/console/channels"
    static let reconciliation = "/console/reconciliation"
    static let audit = "/console/audit"

    static func order(_ number: OrderNumber) -> String { "/console/orders/\(number)" }
    static func webhook(_ id: DeliveryID) -> String { "\(webhooks)/\(id)" }
    static func channel(_ channel: Channel) -> String { "\(channels)/\(channel)" }
    static func difference(_ id: DifferenceID) -> String { "\(reconciliation)/differences/\(id)" }

    /// A path with the values that are not empty.
    static func with(_ path: String, _ query: [(name: String, value: String)]) -> String {
        let given = query.filter { !$0.value.isEmpty }
        return given.isEmpty
            ? path : path + "?" + given.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }
}
