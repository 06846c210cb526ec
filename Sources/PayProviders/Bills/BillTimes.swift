import PayCore
import PayFlow

extension BillDay {
    /// Alipay and WeChat Pay make the bills of a day on the next morning, and advise to take them after ten o'clock in
    /// China. Until then the provider's "no such bill" says nothing.
    private static let morning = Duration.seconds(10 * 3_600)

    /// The answer to the provider's "no such bill".
    func none(at now: Instant, reason: String) -> BillAnswer {
        now < end + Self.morning ? .notReady(reason: reason) : .noneThatDay
    }

    /// The reason for a bill of a day that is not over. Such a bill is never requested.
    static let notOver = "DAY_NOT_OVER"
}
