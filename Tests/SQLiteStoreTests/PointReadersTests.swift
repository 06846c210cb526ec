import CLinux
import Dispatch
import Foundation
import GRDB
import LedgerSQL
import PayFlow
import StoreTestSupport
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct PointReadersTests {
    @Test func `a point lookup that another process delays is retried on the pool`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            for code in [ResultCode.SQLITE_BUSY, .SQLITE_BUSY_RECOVERY, .SQLITE_PROTOCOL] {
                let looks = Mutex(0)
                let found = try await ledger.find { db in
                    let isFirst = looks.withLock { looks in
                        looks += 1
                        return looks == 1
                    }
                    if isFirst { throw DatabaseError(resultCode: code) }
                    return try db.prepared("SELECT 7").first { $0.integer(0) }
                }
                #expect(found == 7)
                #expect(looks.withLock { $0 } == 2)
            }
        }
    }

    @Test func `any other error of a point lookup is thrown at once`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let looks = Mutex(0)
            await #expect(throws: LedgerUnavailable(.damaged)) {
                try await ledger.find { _ in
                    looks.withLock { $0 += 1 }
                    throw DatabaseError(resultCode: .SQLITE_CORRUPT)
                }
            }
            #expect(looks.withLock { $0 } == 1)
        }
    }

    @Test func `a lookup that may not wait finds no connection that is in use`() async throws {
        try await withScratch { scratch in
            try scratch.ledger().close()
            let readers = try PointReaders(path: scratch.path)
            defer { try? readers.close() }
            /// The result while so many connections are in use.
            func found(besides count: Int) throws -> Int64? {
                if count > 0 { return try readers.find { _ in Looked(try found(besides: count - 1)) }?.value }
                return try readers.findAtOnce { try $0.prepared("SELECT 7").first { $0.integer(0) } ?? 0 }
            }
            #expect(try found(besides: 0) == 7)
            #expect(try found(besides: readers.count - 1) == 7)
            #expect(try found(besides: readers.count) == nil)
            #expect(try found(besides: 0) == 7)
        }
    }

    /// On a file system in memory, there is no disk to wait for.
    @Test func `a lookup that may not wait fails if the kernel would have to read the disk`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_0", attempts: [attempt(trade("order_0", 1))]))
            try ledger.close()
            let readers = try PointReaders(path: scratch.path)
            defer { try? readers.close() }
            func count(_ db: FileConnection) throws -> Int64 {
                try db.prepared("SELECT count(*) FROM orders").first { $0.integer(0) } ?? 0
            }
            let file = open(scratch.path, O_RDONLY)
            defer { close(file) }
            #expect(fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0)
            var byte: UInt8 = 0
            if clinux_read_cached(file, &byte, 1, 0) < 0 {
                #expect(throws: DatabaseError.self) { try readers.findAtOnce(count) }
            }
            for _ in 0..<readers.count { #expect(try readers.find(count) == 1) }
            #expect(try readers.findAtOnce(count) == 1)
        }
    }

    private struct Looked {
        let value: Int64?

        init(_ value: Int64?) { self.value = value }
    }

    private struct Unwell: Error {}

    /// Or a page that has ended would be served from what they still saw.
    @Test func `point lookups that failed on a row still see later commits`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_0", attempts: [attempt(trade("order_0", 1))]))
            // More than there are connections, so that each has failed, and each is asked.
            for _ in 0..<8 {
                await #expect(throws: Unwell.self) {
                    try await ledger.find { try $0.prepared("SELECT number FROM orders").all { _ in throw Unwell() } }
                }
            }
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1))]))
            for _ in 0..<8 {
                let count = try await ledger.find {
                    try $0.prepared("SELECT count(*) FROM orders").first { $0.integer(0) }
                }
                #expect(count == 2)
            }
        }
    }

    @Test func `a cancelled read throws CancellationError`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let (begun, beginning) = AsyncStream<Void>.makeStream()
            let mayGoOn = DispatchSemaphore(value: 0)
            let task = Task { [pool = ledger.pool] in
                try await pool.read { db in
                    try db.prepared("SELECT value FROM json_each('[1, 2, 3]')").all { row in
                        beginning.finish()
                        mayGoOn.wait()
                        mayGoOn.signal()
                        return row.integer(0)
                    }
                }
            }
            for await _ in begun {}
            task.cancel()
            mayGoOn.signal()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `a statement can't be run again while its row is read`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.pool.read { db in
                let statement = try db.prepared("SELECT value FROM json_each('[1, 2, 3]')")
                let found = try statement.all { row in
                    #expect(throws: DatabaseError.self) { try statement.run() }
                    return row.integer(0)
                }
                #expect(found == [1, 2, 3])
            }
        }
    }
}
