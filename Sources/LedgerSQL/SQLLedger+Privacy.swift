package import PayCore
package import PayFlow

extension SQLLedger {
    // As for the purge, a reader looks first, and the list is read again under the lock.

    package func blank(ordersOverBy instant: Instant, limit: Int, at now: Instant) async throws -> Int {
        try await blank(PrivacyStatements.due, [instant.milliseconds], limit: limit, at: now)
    }

    package func blankErased(limit: Int, at now: Instant) async throws -> Int {
        try await blank(PrivacyStatements.erased, [], limit: limit, at: now)
    }

    private func blank(_ due: String, _ values: [Int64], limit: Int, at now: Instant) async throws -> Int {
        let isDue = try await read { try !PrivacyStatements.numbers(due, values + [1], $0).isEmpty }
        guard isDue else { return 0 }
        return try await write(.longWork(.purge)) { db in
            let numbers = try PrivacyStatements.numbers(due, values + [Int64(max(0, limit))], db)
            for number in numbers { try PrivacyStatements.blank(number, at: now, db) }
            return numbers.count
        }
    }

    package func blankNotices(receivedBy instant: Instant, limit: Int) async throws -> Int {
        let isDue = try await read { try !PrivacyStatements.noticesDue(by: instant, limit: 1, $0).isEmpty }
        guard isDue else { return 0 }
        return try await write(.longWork(.purge)) { db in
            let notices = try PrivacyStatements.noticesDue(by: instant, limit: limit, db)
            for notice in notices { try PrivacyStatements.blankNotice(notice, db) }
            return notices.count
        }
    }

    package func askErasure(of user: UserID, audit: AuditNote, at now: Instant) async throws -> Int {
        try await write(.longWork(.purge)) { db in
            let orders = try PrivacyStatements.orders(of: user, db).count
            try PrivacyStatements.askErasure(of: user, at: now, db)
            try AuditRows.append(audit, at: now, db)
            return orders
        }
    }

    package func orders(of user: UserID) async throws -> [OrderNumber] {
        try await read { try PrivacyStatements.orders(of: user, $0) }
    }

    package func personalTexts(of number: OrderNumber) async throws -> PersonalTexts {
        try await read { try PrivacyStatements.texts(of: number, $0) }
    }
}
