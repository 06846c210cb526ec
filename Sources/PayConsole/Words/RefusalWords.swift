import PayCore
import PayFlow

/// Why a change is not possible, in a sentence that says what to do where something can be done.
extension ConsoleLanguage {
    func why(_ refusal: PayRefusal) -> String {
        switch refusal {
        case .orderNotNew(let state):
            of("Not possible: the order is \(name(state)).", "无法操作：订单\(name(state))。")
        case .tooLate: of("Not possible: the order has expired.", "无法操作：订单已过期。")
        case .switchUnsafe:
            of(
                "Not possible: an attempt may take money at a channel that is not configured. Configure the channel.",
                "无法操作：某个支付单可能收款，但其渠道未配置。请先配置该渠道。")
        case .inProgress(let wait):
            of(
                "Not possible now: another call works on the order. Try again in \(wait.secondsToWait) s.",
                "暂时无法操作：订单正在处理中。请在 \(wait.secondsToWait) 秒后重试。")
        case .providerUnknown(let wait):
            of(
                "Not possible now: the provider's answer about an attempt is not known. Try again in "
                    + "\(wait.secondsToWait) s.",
                "暂时无法操作：渠道对某个支付单的结果未知。请在 \(wait.secondsToWait) 秒后重试。")
        case .providerUnavailable(let wait):
            of(
                "Not possible now: the provider does not answer. Try again in \(wait.secondsToWait) s.",
                "暂时无法操作：渠道无响应。请在 \(wait.secondsToWait) 秒后重试。")
        case .noSuchOrder: of("The order does not exist.", "订单不存在。")
        case .providerRefused: of("The provider refused.", "渠道已拒绝。")
        case .keyReused, .orderMismatch, .pageSuperseded, .channelUnavailable, .unacceptable, .tooOften,
            .tooManyAttempts:
            of("Not possible: \(refusal).", "无法操作：\(refusal)。")
        }
    }

    /// - Parameter currency: the currency of the payment; nil if there is none.
    func why(_ refusal: RefundRefusal, in currency: Currency?) -> String {
        func money(_ amount: Int64) -> String { MoneyText.text(amount, currency?.code ?? "") }
        switch refusal {
        case .notPaid(let state):
            return of(
                "Not possible: no payment pays the order, which is \(name(state)).",
                "无法操作：订单\(name(state))，没有可退的支付。")
        case .tooMuch(let left) where left == 0:
            return of("Not possible: nothing is left to refund.", "无法操作：已无可退金额。")
        case .tooMuch(let left):
            return of("Not possible: \(money(left)) is left to refund.", "无法操作：可退金额为 \(money(left))。")
        case .amountChanged(let left):
            return of(
                "Nothing was refunded: another refund was made since the page was opened. \(money(left)) is left.",
                "未退款：页面打开后已有其他退款。剩余可退金额为 \(money(left))。")
        case .tooMany(let limit, let left):
            return of(
                "Not possible: the provider takes at most \(limit) refunds of one payment. Refund the \(money(left)) "
                    + "that is left in its console.",
                "无法操作：渠道对一笔支付最多允许 \(limit) 次退款。请在其后台退还剩余的 \(money(left))。")
        case .mismatch:
            return of(
                "Not possible: the order has another refund of this number.", "无法操作：该订单已有同号的另一笔退款。")
        case .reservedNumber:
            return of("Not possible: the number has the form of one of Paypage's own.", "无法操作：该退款号格式已被系统保留。")
        }
    }

    func why(_ refusal: RulingRefusal) -> String {
        switch refusal {
        case .noSuchReceipt: of("The order has no such payment.", "该订单没有这笔支付。")
        case .notDisputed(let standing):
            of(
                "Not possible: the payment is not disputed any more. It is \(name(standing)).",
                "无法操作：该支付已不是差错款，目前为“\(name(standing))”。")
        case .notRefundable:
            of(
                "Not possible: the amount or currency can't be refunded here. Use the provider's console.",
                "无法操作：该金额或币种无法在此退款。请使用渠道后台。")
        case .alreadyReturned:
            of(
                "Not possible: the provider has already returned all of the money. Accept the payment.",
                "无法操作：渠道已退回全部款项。请接受该支付。")
        }
    }

    /// Nil if the refund can be retried.
    func why(_ retry: RefundRetry, _ refund: Refund) -> String? {
        switch retry {
        case .queued: nil
        case .notWaiting where refund.state == .failed:
            of(
                "Not possible: the refund was made in the provider's console. Make it there again.",
                "无法操作：该退款是在渠道后台发起的，请在那里重新发起。")
        case .notWaiting:
            of(
                "Not possible: the refund is \(name(refund.state)). Only a refund that failed or needs attention is "
                    + "retried.",
                "无法操作：该退款目前为“\(name(refund.state))”。只有失败或需要处理的退款才能重试。")
        case .tooMuch(let left):
            of(
                "Not possible: \(MoneyText.text(left, refund.money.currency.code)) of the payment is left to refund.",
                "无法操作：该支付的可退金额为 \(MoneyText.text(left, refund.money.currency.code))。")
        }
    }

    func channelMissing(_ channel: Channel) -> String {
        of(
            "Not possible: the channel \(channel) is not configured. Configure it.",
            "无法操作：渠道 \(channel) 未配置。请先配置。")
    }

    /// Nil if the role may do it.
    func whyNot(_ role: OperatorRole, needs needed: OperatorRole) -> String? {
        role >= needed
            ? nil
            : of(
                "Not possible: this needs the role \(words.frame.role(needed)).",
                "无法操作：需要“\(words.frame.role(needed))”角色。")
    }
}
