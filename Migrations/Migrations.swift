/// A step of the schema's history: SQL that is frozen once it has landed.
public struct Migration: Hashable, Sendable {
    /// The file's name without its ending: `v0001_orders`.
    public let name: String
    public let sql: String

    public init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    init(_ name: String, _ embedded: [UInt8]) {
        self.init(name: name, sql: String(decoding: embedded, as: UTF8.self))
    }
}

/// The schema's history, in the order in which it is applied.
///
/// Listed by hand, because an embedded folder has no order. A new step gets a new file and a line at the end; a file
/// that has landed is never touched again, not even its comments: every database remembers a digest of it.
public enum SchemaHistory {
    public static let sqlite: [Migration] = [
        Migration("v0001_orders", PackageResources.v0001_orders_sql),
        Migration("v0002_attempts", PackageResources.v0002_attempts_sql),
        Migration("v0003_pages", PackageResources.v0003_pages_sql),
        Migration("v0004_receipts", PackageResources.v0004_receipts_sql),
        Migration("v0005_idempotency_keys", PackageResources.v0005_idempotency_keys_sql),
        Migration("v0006_notices", PackageResources.v0006_notices_sql),
        Migration("v0007_deliveries", PackageResources.v0007_deliveries_sql),
        Migration("v0008_watching", PackageResources.v0008_watching_sql),
        Migration("v0009_outbox", PackageResources.v0009_outbox_sql),
        Migration("v0010_history", PackageResources.v0010_history_sql),
        Migration("v0011_pages_to_purge", PackageResources.v0011_pages_to_purge_sql),
        Migration("v0012_provider_reference", PackageResources.v0012_provider_reference_sql),
        Migration("v0013_history_checks", PackageResources.v0013_history_checks_sql),
        Migration("v0014_attempts_by_comparisons", PackageResources.v0014_attempts_by_comparisons_sql),
        Migration("v0015_checks_by_comparisons", PackageResources.v0015_checks_by_comparisons_sql),
        Migration("v0016_returned_money", PackageResources.v0016_returned_money_sql),
        Migration("v0017_key_claims_and_channel_pauses", PackageResources.v0017_key_claims_and_channel_pauses_sql),
        Migration("v0018_refunds_need_attention", PackageResources.v0018_refunds_need_attention_sql),
        Migration("v0019_readiness", PackageResources.v0019_readiness_sql),
    ]
}
