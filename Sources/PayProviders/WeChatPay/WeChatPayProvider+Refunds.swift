package import PayCore

extension WeChatPayProvider {
    /// For a process that makes no provider.
    package static var refundTerms: RefundTerms { WeChatPayConfiguration.terms.refunds }
}
