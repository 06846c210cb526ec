import Crypto
import Foundation
import PayCore
import PayFlow
import Synchronization

/// The trade bill of one day, as WeChat makes it.
struct FakeWeChatPayBill {
    private static let header =
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,"
        + "退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
    private static let summaryHeader = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

    private var lines: [(at: Instant, text: String)] = []
    private var (paid, refunded): (Int64, Int64) = (0, 0)

    init(of day: BillDay, _ trades: [FakeTrade]) {
        for trade in trades {
            if let paidAt = trade.paidAt, day.contains(paidAt) {
                paid += trade.amount
                lines.append((paidAt, Self.line(trade, "SUCCESS", at: paidAt, refund: nil)))
            }
            for refund in trade.refunds {
                guard let at = refund.at, day.contains(at) else { continue }
                refunded += refund.amount
                lines.append((at, Self.line(trade, "REFUND", at: at, refund: refund)))
            }
        }
        lines.sort { $0.at < $1.at }
    }

    var isEmpty: Bool { lines.isEmpty }

    var file: [UInt8] {
        let (paid, refunded) = (Self.yuan(paid), Self.yuan(refunded))
        let summary = ["\(lines.count)", paid, refunded, "0.00", "0.00000", paid, refunded].map { "`\($0)" }
        let all = [Self.header] + lines.map(\.text) + [Self.summaryHeader, summary.joined(separator: ",")]
        return Array(all.map { $0 + "\r\n" }.joined().utf8)
    }

    /// A subject with a comma is not quoted.
    private static func line(_ trade: FakeTrade, _ state: String, at: Instant, refund: FakeTrade.Refund?) -> String {
        let amount = refund == nil ? yuan(trade.amount) : "0.00"
        let back = refund.map { yuan($0.amount) } ?? "0.00"
        let refundID = refund.map { "5\($0.number.filter(\.isNumber))" } ?? "0"
        let refundStatus = refund.map { $0.isDone ? "SUCCESS" : "PROCESSING" } ?? ""
        let time = clock.string(from: Date(timeIntervalSince1970: Double(at.milliseconds / 1_000)))
        let front = [
            time, FakeWeChatPay.appID, FakeWeChatPay.merchantID, "0", "", trade.transactionID ?? "", trade.number,
            "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "NATIVE", state, "OTHERS", trade.currency, amount, "0.00",
        ]
        let rest = [
            refundID, refund?.number ?? "0", back, "0.00", refund == nil ? "" : "ORIGINAL", refundStatus,
            "Tea, for two", "", "0.00000", "0.60%", amount, back, "",
        ]
        return (front + rest).map { "`\($0)" }.joined(separator: ",")
    }

    private static func yuan(_ fen: Int64) -> String { String(format: "%.2f", Double(fen) / 100) }

    private static var clock: DateFormatter {
        let clock = DateFormatter()
        clock.locale = Locale(identifier: "en_US_POSIX")
        clock.timeZone = TimeZone(secondsFromGMT: 8 * 3_600)
        clock.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return clock
    }
}

/// Faults of a bill's file.
public enum FakeBillFault: Hashable, Sendable, CaseIterable {
    /// The file is cut in the middle.
    case cut
    /// A byte of the content differs from what the provider signed, or from the archive's checksum.
    case changed
    /// An error page instead of the file.
    case errorPage
    /// The server of the files fails.
    case serverError
    /// The bill is not ready.
    case creating
    /// The address names another host.
    case elsewhere
}

extension FakeWeChatPay {
    private struct BillPlace: Encodable {
        let hash_type: String
        let hash_value: String
        let download_url: String
    }

    /// The next bill has this fault.
    public func armBill(_ fault: FakeBillFault) { billFault.withLock { $0 = fault } }

    /// The signed answer with the bill's address.
    func bill(of date: String) -> FakeWeChatPayDesk.Answer {
        if billFault.withLock({ $0 == .creating }) { return .refused(FakeWeChatPayRefusal(400, "STATEMENT_CREATING")) }
        guard let day = BillDay(date), day.end <= clock.now() else {
            return .refused(FakeWeChatPayRefusal(400, "INVALID_REQUEST"))
        }
        let bill = FakeWeChatPayBill(of: day, trades)
        guard !bill.isEmpty else { return .refused(FakeWeChatPayRefusal(400, "NO_STATEMENT_EXIST")) }
        let content = bill.file
        let token = FakeWeChatPaySeal.randomText(40)
        billFiles.withLock { $0[token] = BillFile(content: content, endsAt: clock.now() + .seconds(300)) }
        let host = billFault.withLock { $0 == .elsewhere } ? "https://bills.example" : baseURL
        let place = BillPlace(
            hash_type: "SHA1",
            hash_value: Insecure.SHA1.hash(data: content).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
            download_url: "\(host)/v3/billdownload/file?token=\(token)&tartype=gzip")
        return .done(status: 200, body: FakeWeChatPayWire.encode(place))
    }

    /// The unsigned answer with the bill's file.
    func billFile(_ token: String) -> FakeReply {
        let file = billFiles.withLock { $0[token] }
        guard let file, clock.now() < file.endsAt else { return failure(.init(400, "PARAM_ERROR")) }
        var content = file.content
        let fault = billFault.withLock { $0 }
        if fault == .changed { content[content.count / 2] ^= 1 }
        let whole = FakeFiles.gzip(content)
        switch fault {
        case .errorPage: return .answer(200, "text/html", "<html>busy</html>")
        case .serverError: return .answer(502, "text/html", "<html>502</html>")
        case .cut:
            return .answer(
                status: 200, headers: [FakeHeader("Content-Type", "application/x-gzip")],
                body: Array(whole.prefix(whole.count / 2)))
        default:
            return .answer(status: 200, headers: [FakeHeader("Content-Type", "application/x-gzip")], body: whole)
        }
    }

    struct BillFile {
        let content: [UInt8]
        let endsAt: Instant
    }
}
