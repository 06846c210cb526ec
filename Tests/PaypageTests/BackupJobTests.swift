import Foundation
import Logging
import PayCore
import PayFlow
import SQLiteStore
import StoreTestSupport
import Testing

@testable import paypage

@Suite struct BackupJobTests {
    private func withJob(
        _ database: TestDatabase, folder: String = "copies", _ body: (BackupJob, String) async throws -> Void
    ) async throws {
        let path = URL(filePath: database.address).deletingLastPathComponent().appending(path: folder).path()
        let settings = Settings.Backup(folder: path, every: .seconds(3_600), keep: 2)
        try await body(BackupJob(settings, of: database.address, logger: Logger(label: "test")), path)
    }

    @Test func `a copy is made when it is due, and nobody is told of anything`() async throws {
        try await withTestDatabase(.sqlite) { database in
            try await withJob(database) { job, folder in
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try await job.runOnce(at: at(0))
                try await job.runOnce(at: at(3_599))
                try await job.runOnce(at: at(3_600))
                let copies = try BackupFolder(folder, every: .seconds(3_600), keep: 2).copies()
                #expect(copies.map(\.at) == [at(0), at(3_600)])
                #expect(job.condition(at: at(3_600)) == nil)
            }
        }
    }

    @Test func `a copy that fails needs a person, is tried again after five minutes, and then no more`() async throws {
        try await withTestDatabase(.sqlite) { database in
            try await withJob(database) { job, folder in
                try await job.runOnce(at: at(0))
                let condition = try #require(job.condition(at: at(0)))
                #expect(condition.kind == .backupMissing && condition.channel == nil && condition.since == at(0))
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try await job.runOnce(at: at(299))
                #expect(job.condition(at: at(299)) != nil)
                try await job.runOnce(at: at(300))
                #expect(job.condition(at: at(300)) == nil)
            }
        }
    }

    @Test func `a copy older than twice its interval needs a person`() async throws {
        try await withTestDatabase(.sqlite) { database in
            try await withJob(database) { job, folder in
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try await job.runOnce(at: at(0))
                #expect(job.condition(at: at(7_200)) == nil)
                #expect(job.condition(at: at(7_201))?.since == at(0))
            }
        }
    }
}
