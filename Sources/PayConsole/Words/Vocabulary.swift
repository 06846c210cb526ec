import PayCore
import PayFlow

extension ConsoleLanguage {
    /// The text in this language. Both stand side by side, so that neither can be missing.
    func of(_ english: String, _ chinese: String) -> String {
        switch self {
        case .english: english
        case .chinese: chinese
        }
    }

    func name(_ state: OrderStateName) -> String {
        switch state {
        case .new: of("new", "待支付")
        case .paid: of("paid", "已支付")
        case .closed: of("closed", "已关闭")
        case .expired: of("expired", "已过期")
        }
    }

    func name(_ state: AttemptStateName) -> String {
        switch state {
        case .creating: of("creating", "创建中")
        case .open: of("open", "可支付")
        case .closing: of("closing", "关闭中")
        case .exposed: of("exposed", "未能确认关闭")
        case .closed: of("closed", "已关闭")
        case .failed: of("failed", "创建失败")
        case .lapsed: of("lapsed", "已失效")
        case .paid: of("paid", "已支付")
        }
    }

    func name(_ standing: ReceiptStanding) -> String {
        switch standing {
        case .honest: of("honest", "有效")
        case .duplicate: of("duplicate", "重复支付")
        case .late: of("late", "迟到支付")
        case .returned: of("returned", "已被退回")
        case .disputed: of("disputed", "差错款")
        case .rejected: of("rejected", "已拒收")
        }
    }

    func name(_ state: RefundState) -> String {
        switch state {
        case .pending: of("pending", "待提交")
        case .submitted: of("submitted", "已提交")
        case .needsAttention: of("needs attention", "需要处理")
        case .succeeded: of("succeeded", "已退款")
        case .failed: of("failed", "失败")
        }
    }

    func name(_ cause: RefundCause) -> String {
        switch cause {
        case .merchant: of("merchant", "商城")
        case .duplicate: of("duplicate", "重复支付")
        case .late: of("late", "迟到支付")
        case .dispute: of("dispute", "差错款")
        case .provider: of("provider's console", "渠道后台")
        }
    }

    func name(_ state: DeliveryState) -> String {
        switch state {
        case .pending: of("pending", "待送达")
        case .delivered: of("delivered", "已送达")
        case .parked: of("parked", "已搁置")
        }
    }

    func name(_ verdict: DisputeVerdict) -> String {
        switch verdict {
        case .accept: of("accept", "接受")
        case .refund: of("refund", "退款")
        }
    }

    func name(_ state: BillState) -> String {
        switch state {
        case .wanted: of("not loaded", "未载入")
        case .loaded: of("loaded", "已载入")
        case .none: of("no bill", "无账单")
        }
    }

    func name(_ standing: RowStanding) -> String {
        switch standing {
        case .waiting: of("waiting", "等待次日账单")
        case .matched: of("matched", "一致")
        case .difference: of("differences", "差异")
        case .foreign: of("foreign", "非本系统")
        case .other: of("other", "其他")
        case .unreadable: of("unreadable", "无法读取")
        }
    }

    func name(_ state: DifferenceState) -> String {
        switch state {
        case .open: of("open", "未处理")
        case .explained: of("explained", "已说明")
        case .closed: of("closed", "已关闭")
        }
    }

    func name(_ end: DifferenceEnd) -> String {
        switch end {
        case .matched: of("both sides agree", "双方一致")
        case .replaced: of("another difference replaced it", "已被另一差异取代")
        case .withdrawn: of("the provider withdrew the row", "渠道撤回了该行")
        case .decided: of("a person closed it", "人工关闭")
        }
    }

    func name(_ kind: DifferenceKind) -> String {
        switch kind {
        case .missingHere: of("payment missing here", "我方缺少该支付")
        case .missingThere: of("payment missing in the bill", "账单缺少该支付")
        case .amount: of("amount of the payment", "支付金额不符")
        case .status: of("status", "状态不符")
        case .refundMissingHere: of("refund missing here", "我方缺少该退款")
        case .refundMissingThere: of("refund missing in the bill", "账单缺少该退款")
        case .refundAmount: of("amount of the refund", "退款金额不符")
        }
    }

    func name(_ kind: AttentionKind) -> String {
        switch kind {
        case .dispute: of("Disputed payments", "差错款")
        case .refundFailed: of("Failed refunds", "失败的退款")
        case .refundNeedsAttention: of("Refunds that need attention", "需要处理的退款")
        case .difference: of("Differences with bills", "对账差异")
        case .circuitOpen: of("Providers that do not answer", "无响应的渠道")
        case .unknownRefusal: of("Attempts that may take money", "可能收款的支付单")
        case .webhookParked: of("Parked webhooks", "已搁置的通知")
        case .certificateEnds: of("Certificates that end soon", "即将到期的证书")
        case .channelPaused: of("Paused channels", "已暂停的渠道")
        case .backupMissing: of("Missing backups", "缺少备份")
        case .diskNearlyFull: of("Disks that are nearly full", "即将写满的磁盘")
        }
    }

    func name(_ severity: AttentionSeverity) -> String {
        switch severity {
        case .critical: of("critical", "严重")
        case .warning: of("warning", "警告")
        case .info: of("information", "提示")
        }
    }

    func name(_ way: AuditWay) -> String {
        switch way {
        case .cli: of("command line", "命令行")
        case .api: of("API", "API")
        case .console: of("console", "控制台")
        }
    }
}

extension OrderStateName {
    var tone: Tone {
        switch self {
        case .new, .closed, .expired: .calm
        case .paid: .good
        }
    }
}

extension AttemptStateName {
    var tone: Tone {
        switch self {
        case .creating, .open, .closing, .closed, .lapsed: .calm
        case .exposed, .failed: .warn
        case .paid: .good
        }
    }
}

extension ReceiptStanding {
    var tone: Tone {
        switch self {
        case .honest: .good
        case .duplicate, .late: .warn
        case .returned, .rejected: .calm
        case .disputed: .bad
        }
    }
}

extension RefundState {
    var tone: Tone {
        switch self {
        case .pending, .submitted: .calm
        case .needsAttention, .failed: .bad
        case .succeeded: .good
        }
    }
}

extension DeliveryState {
    var tone: Tone {
        switch self {
        case .pending: .calm
        case .delivered: .good
        case .parked: .bad
        }
    }
}

extension DifferenceState {
    var tone: Tone {
        switch self {
        case .open: .bad
        case .explained: .warn
        case .closed: .calm
        }
    }
}

extension AttentionSeverity {
    var tone: Tone {
        switch self {
        case .critical: .bad
        case .warning: .warn
        case .info: .calm
        }
    }
}
