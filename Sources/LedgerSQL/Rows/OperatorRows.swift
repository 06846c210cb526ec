import PayCore
import PayFlow
import PayRecords

/// The table `operators`.
enum OperatorRows {
    private static let columns = Columns(
        table: "operators",
        names: [
            "name", "role", "password", "code_secret", "code_step", "invitation", "invitation_ends_at", "failures",
            "locked_until", "added_at",
        ])

    private static let list = "SELECT \(columns.selected) FROM operators ORDER BY name"
    private static let byName = "SELECT \(columns.selected) FROM operators WHERE name = ?"
    private static let byInvitation = "SELECT \(columns.selected) FROM operators WHERE invitation = ?"
    private static let otherAdmin = "SELECT EXISTS (SELECT 1 FROM operators WHERE role = 'admin' AND name <> ?)"
    private static let deletion = "DELETE FROM operators WHERE name = ?"
    /// Takes the time of an update.
    private static let idleUpdate =
        "UPDATE operators SET failures = failures WHERE name = (SELECT min(name) FROM operators)"
    private static let update = """
        UPDATE operators SET role = ?, password = ?, code_secret = ?, code_step = ?, invitation = ?,
            invitation_ends_at = ?, failures = ?, locked_until = ?
        WHERE name = ?
        """

    static func all(_ db: any Connection) throws -> [OperatorAccount] {
        try db.prepared(list).all { try account($0) }
    }

    static func find(_ name: OperatorName, _ db: any Connection) throws -> OperatorAccount? {
        try db.prepared(byName).first([name.text]) { try account($0) }
    }

    static func find(invitedBy digest: SecretDigest, _ db: any Connection) throws -> OperatorAccount? {
        try db.prepared(byInvitation).first([digest.text]) { try account($0) }
    }

    static func update<Outcome>(
        _ name: OperatorName, at now: Instant,
        _ decide: (inout OperatorRecord) throws -> OperatorDecision<Outcome>, _ db: any Connection
    ) throws -> Outcome {
        let stored = try find(name, db)
        let hasOtherAdmin = try db.prepared(otherAdmin).first([name.text]) { $0.integer(0) == 1 } ?? false
        var record = OperatorRecord(account: stored, hasOtherAdmin: hasOtherAdmin)
        let decision = try decide(&record)
        try store(record.account, insteadOf: stored, db)
        if let ending = decision.ending { try OperatorSessionRows.end(ending, of: name, db) }
        if let session = decision.beginning { try OperatorSessionRows.begin(session, db) }
        if let audit = decision.audit { try AuditRows.append(audit, at: now, db) }
        return decision.outcome
    }

    private static func store(
        _ account: OperatorAccount?, insteadOf stored: OperatorAccount?, _ db: any Connection
    ) throws {
        switch (stored, account) {
        case (nil, nil): try db.prepared(idleUpdate).run()
        case (let stored?, nil): try db.prepared(deletion).run([stored.name.text])
        case (nil, let account?):
            try db.prepared(columns.insertion)
                .run([account.name.text] + changing(account) + [account.addedAt.milliseconds])
        case (let stored?, let account?):
            try db.prepared(update).run(changing(account) + [stored.name.text])
        }
    }

    /// The columns that change, in the order of the table.
    private static func changing(_ account: OperatorAccount) -> [(any Storable)?] {
        [
            account.role.rawValue, account.password?.text, account.codes?.text, account.codes?.usedStep,
            account.invitation?.digest.text, account.invitation?.endsAt.milliseconds, account.failures,
            account.lockedUntil?.milliseconds,
        ]
    }

    private static func account(_ found: any FoundRow) throws -> OperatorAccount {
        let unnamed = StoredRow(columns, key: "of a list", in: found)
        let name = try unnamed.value("name", OperatorName.init)
        let row = unnamed.renamed(name.text)
        let invitation = try row.optionalValue("invitation", SecretDigest.init(text:)).map {
            Invitation($0, endsAt: try row.instant("invitation_ends_at"))
        }
        let codes = try row.optionalText("code_secret").map {
            CodeSecret($0, usedStep: try row.integer("code_step"))
        }
        return OperatorAccount(
            name, try row.value("role", OperatorRole.init),
            password: try row.optionalText("password").map { PasswordHash($0) }, codes: codes, invitation: invitation,
            failures: try row.count("failures", in: 0...1_000_000),
            lockedUntil: try row.optionalInstant("locked_until"), addedAt: try row.instant("added_at"))
    }
}
