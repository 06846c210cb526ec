package import PayCore
package import PayFlow

extension SQLLedger {
    package func operators() async throws -> [OperatorAccount] {
        try await read { try OperatorRows.all($0) }
    }

    package func operatorAccount(_ name: OperatorName) async throws -> OperatorAccount? {
        try await find { try OperatorRows.find(name, $0) }
    }

    package func operatorAccount(invitedBy digest: SecretDigest) async throws -> OperatorAccount? {
        try await find { try OperatorRows.find(invitedBy: digest, $0) }
    }

    package func updateOperator<Outcome: Sendable>(
        _ name: OperatorName, at now: Instant,
        _ decide: @escaping @Sendable (inout OperatorRecord) throws -> OperatorDecision<Outcome>
    ) async throws -> Outcome {
        try await write(.work(.operators)) { try OperatorRows.update(name, at: now, decide, $0) }
    }

    package func session(_ id: SecretDigest) async throws -> OperatorSession? {
        try await find { try OperatorSessionRows.find(id, $0) }
    }

    package func noteUse(of session: SecretDigest, at now: Instant) async throws {
        try await write(.statements) { try OperatorSessionRows.noteUse(of: session, at: now, $0) }
    }

    package func sessions(of name: OperatorName) async throws -> [OperatorSession] {
        try await read { try OperatorSessionRows.all(of: name, $0) }
    }
}
