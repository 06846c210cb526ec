public import PayCore

/// Adds, changes, resets and removes operators. Each change and its audit entry are one transaction.
public struct ManageOperators: Sendable {
    public enum Outcome: Hashable, Sendable {
        case done
        /// The operator has this role already.
        case unchanged
        case nameIsTaken
        case unknown
        /// The last admin is neither removed nor given another role.
        case lastAdmin
    }

    private let store: any OperatorStore

    public init(_ store: any OperatorStore) {
        self.store = store
    }

    public func add(
        _ name: OperatorName, _ role: OperatorRole, invitedBy digest: SecretDigest, by actor: Actor, at now: Instant
    ) async throws -> Outcome {
        try await store.updateOperator(name, at: now) { record in
            guard record.account == nil else { return OperatorDecision(.nameIsTaken) }
            record.account = OperatorAccount(
                name, role, invitation: Invitation(digest, endsAt: now + Invitation.life), addedAt: now)
            return OperatorDecision(
                .done, audit: AuditNote(actor, .operatorAdded, on: name.text, detail: role.rawValue))
        }
    }

    /// Ends every session of the operator.
    public func change(
        _ name: OperatorName, to role: OperatorRole, by actor: Actor, at now: Instant
    ) async throws -> Outcome {
        try await store.updateOperator(name, at: now) { record in
            guard let account = record.account else { return OperatorDecision(.unknown) }
            guard account.role != role else { return OperatorDecision(.unchanged) }
            guard account.role != .admin || record.hasOtherAdmin else { return OperatorDecision(.lastAdmin) }
            record.account?.changeRole(to: role)
            let detail = "\(account.role.rawValue) to \(role.rawValue)"
            return OperatorDecision(.done, audit: AuditNote(actor, .operatorChanged, on: name.text, detail: detail))
        }
    }

    /// Forgets the operator's password and codes, ends every session, and invites the operator anew.
    public func reset(
        _ name: OperatorName, invitedBy digest: SecretDigest, by actor: Actor, at now: Instant
    ) async throws -> Outcome {
        try await store.updateOperator(name, at: now) { record in
            guard record.account != nil else { return OperatorDecision(.unknown) }
            record.account?.reset(with: Invitation(digest, endsAt: now + Invitation.life))
            return OperatorDecision(
                .done, ending: .all, audit: AuditNote(actor, .operatorReset, on: name.text))
        }
    }

    /// Ends every session of the operator.
    public func remove(_ name: OperatorName, by actor: Actor, at now: Instant) async throws -> Outcome {
        try await store.updateOperator(name, at: now) { record in
            guard let account = record.account else { return OperatorDecision(.unknown) }
            guard account.role != .admin || record.hasOtherAdmin else { return OperatorDecision(.lastAdmin) }
            record.account = nil
            return OperatorDecision(
                .done, audit: AuditNote(actor, .operatorRemoved, on: name.text, detail: account.role.rawValue))
        }
    }
}
