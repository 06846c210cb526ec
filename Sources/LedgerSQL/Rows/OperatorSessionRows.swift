import PayCore
import PayFlow
import PayRecords

/// The table `operator_sessions`.
enum OperatorSessionRows {
    private static let columns = Columns(
        table: "operator_sessions", names: ["digest", "operator_name", "begun_at", "used_at", "origin"])
    /// A session has the role that its operator has now.
    private static let roles = Columns(table: "operators", names: ["role"])

    private static let selection = """
        SELECT \(columns.selected), \(roles.selected)
        FROM operator_sessions JOIN operators ON operators.name = operator_sessions.operator_name
        """
    private static let byDigest = "\(selection) WHERE digest = ?"
    private static let ofOperator = "\(selection) WHERE operator_name = ? ORDER BY begun_at DESC, digest"
    /// A clock that was set back changes nothing.
    private static let noting = "UPDATE operator_sessions SET used_at = :now WHERE digest = :digest AND used_at < :now"

    static func find(_ id: SecretDigest, _ db: any Connection) throws -> OperatorSession? {
        try db.prepared(byDigest).first([id.text]) { try session($0) }
    }

    static func all(of name: OperatorName, _ db: any Connection) throws -> [OperatorSession] {
        try db.prepared(ofOperator).all([name.text]) { try session($0) }
    }

    static func noteUse(of id: SecretDigest, at now: Instant, _ db: any Connection) throws {
        try db.prepared(noting).run([now.milliseconds, id.text])
    }

    static func begin(_ session: OperatorSession, _ db: any Connection) throws {
        try db.prepared(columns.insertion).run([
            session.id.text, session.name.text, session.begunAt.milliseconds, session.usedAt.milliseconds,
            session.origin?.text,
        ])
    }

    static func end(_ sessions: SessionsToEnd, of name: OperatorName, _ db: any Connection) throws {
        let ofName = "DELETE FROM operator_sessions WHERE operator_name = ?"
        switch sessions {
        case .all: try db.prepared(ofName).run([name.text])
        case .allBut(let id): try db.prepared("\(ofName) AND digest <> ?").run([name.text, id.text])
        case .one(let id): try db.prepared("\(ofName) AND digest = ?").run([name.text, id.text])
        case .old(let begunBefore, let usedBefore):
            try db.prepared("\(ofName) AND (begun_at < ? OR used_at < ?)")
                .run([name.text, begunBefore.milliseconds, usedBefore.milliseconds])
        }
    }

    private static func session(_ found: any FoundRow) throws -> OperatorSession {
        let row = StoredRow(columns, key: "of a list", in: found)
        let role = StoredRow(roles, key: "of a session", in: found, from: columns.names.count)
        return OperatorSession(
            id: try row.value("digest", SecretDigest.init(text:)),
            name: try row.value("operator_name", OperatorName.init),
            role: try role.value("role", OperatorRole.init), begunAt: try row.instant("begun_at"),
            usedAt: try row.instant("used_at"), origin: try row.optionalValue("origin", PersonName.init))
    }
}
