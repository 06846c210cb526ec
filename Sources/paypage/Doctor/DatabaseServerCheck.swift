import Migrations
import PayCore
import PayFlow
import PostgresStore

/// Checks a PostgreSQL server by the rules of the start, and its pending migrations. Changes nothing.
struct DatabaseServerCheck {
    private static let subject = "database"

    let address: DatabaseAddress
    let uri: Secret
    let durability: Durability

    func findings() -> [Finding] {
        do {
            let problems = try ServerCheck.problems(at: uri, durability).map(Finding.init)
            return problems + [try migrations()]
        } catch {
            // An error of libpq names hosts and the user, and no password.
            return [
                .failure(
                    Self.subject, "\(address) cannot be used (\(error))",
                    remedy: "check database.url, the server's pg_hba.conf and the network")
            ]
        }
    }

    private func migrations() throws -> Finding {
        let pending = try PostgresSchema.report(at: uri).pending
        guard !pending.isEmpty else { return .ok(Self.subject, "\(address) is up to date") }
        return .warning(
            Self.subject, "\(address) has \(pending.count) migration(s) pending",
            remedy: "back up the database and run paypage migrate")
    }
}

extension Finding {
    fileprivate init(_ problem: ServerProblem) {
        self =
            problem.stopsStart
            ? .failure("database", problem.text, remedy: problem.remedy)
            : .warning("database", problem.text, remedy: problem.remedy)
    }
}
