import Foundation
import PayCore

/// The operation of a request, by its method and its path.
enum FakeWeChatPayRoute {
    case create(Terminal)
    case query(String)
    case close(String)
    case refund
    case follow(String)
    case certificates
    case bill(date: String)
    case billFile(token: String)

    init?(_ request: FakeRequest) {
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.first == "v3" else { return nil }
        switch (request.method, parts.dropFirst().first, parts.count) {
        case ("GET", "certificates", 2): self = .certificates
        case ("POST", "pay", 4) where parts[2] == "transactions":
            guard let terminal = Self.terminals[parts[3]] else { return nil }
            self = .create(terminal)
        case ("GET", "pay", 5) where parts[3] == "out-trade-no" && request.query == "mchid=\(FakeWeChatPay.merchantID)":
            self = .query(parts[4])
        case ("POST", "pay", 6) where parts[3] == "out-trade-no" && parts[5] == "close": self = .close(parts[4])
        case ("POST", "refund", 4) where parts[3] == "refunds": self = .refund
        case ("GET", "refund", 5) where parts[3] == "refunds": self = .follow(parts[4].removingPercentEncoding ?? "")
        case ("GET", "bill", 3) where parts[2] == "tradebill":
            let fields = (request.query ?? "").split(separator: "&")
            guard fields.count == 3, fields[0].hasPrefix("bill_date="), fields[1] == "bill_type=ALL",
                fields[2] == "tar_type=GZIP"
            else { return nil }
            self = .bill(date: String(fields[0].dropFirst("bill_date=".count)))
        case ("GET", "billdownload", 3) where parts[2] == "file":
            let token = (request.query ?? "").prefix { $0 != "&" }
            guard token.hasPrefix("token=") else { return nil }
            self = .billFile(token: String(token.dropFirst("token=".count)))
        default: return nil
        }
    }

    /// Nil for requests that are not about a trade.
    var operation: FakeOperation? {
        switch self {
        case .create: .create
        case .query: .query
        case .close: .close
        case .refund: .refund
        case .follow: .follow
        case .certificates, .bill, .billFile: nil
        }
    }

    private static let terminals: [String: Terminal] = ["native": .pc, "h5": .h5, "app": .app, "jsapi": .jsapi]
}
