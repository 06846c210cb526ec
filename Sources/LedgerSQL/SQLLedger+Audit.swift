package import PayCore
package import PayFlow

extension SQLLedger {
    package func audit(_ note: AuditNote, at now: Instant) async throws {
        try await write(.statements) { try AuditRows.append(note, at: now, $0) }
    }

    package func auditEntries(_ listing: AuditListing) async throws -> [AuditEntry] {
        try await read { try AuditRows.list(listing, $0) }
    }
}
