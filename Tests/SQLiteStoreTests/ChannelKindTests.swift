import LedgerSQL
import PayCore
import PayFlow
import PayFlow
import Testing

@testable import SQLiteStore

/// The provider type of each channel name.
struct ChannelKindTests {
    private let shop = Channel("shop")!

    @Test func `the types of the configured channels are stored once`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            #expect(try await ledger.channelKinds() == [:])
            for _ in 1...2 {
                #expect(try await ledger.keepKinds([sandbox: .sandbox, shop: .alipay]) == [])
                #expect(try await ledger.channelKinds() == [sandbox: .sandbox, shop: .alipay])
            }
        }
    }

    @Test func `a channel that is no longer configured keeps its type`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            _ = try await ledger.keepKinds([shop: .alipay])
            _ = try await ledger.keepKinds([sandbox: .sandbox])
            #expect(try await ledger.channelKinds() == [sandbox: .sandbox, shop: .alipay])
        }
    }

    @Test func `a name with attempts never changes its type, and nothing of such a start is stored`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            _ = try await ledger.keepKinds([sandbox: .sandbox])
            try await ledger.put(fullOrder())
            let conflict = ProviderKindConflict(channel: sandbox, stored: .sandbox, configured: .stripe)
            #expect(try await ledger.kindConflicts(with: [sandbox: .stripe, shop: .alipay]) == [conflict])
            #expect(try await ledger.keepKinds([sandbox: .stripe, shop: .alipay]) == [conflict])
            #expect(try await ledger.channelKinds() == [sandbox: .sandbox])
        }
    }

    @Test func `a name without attempts may be used for another provider`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            _ = try await ledger.keepKinds([sandbox: .sandbox, shop: .alipay])
            try await ledger.put(fullOrder())
            #expect(try await ledger.kindConflicts(with: [shop: .stripe]) == [])
            #expect(try await ledger.keepKinds([shop: .stripe]) == [])
            #expect(try await ledger.channelKinds() == [sandbox: .sandbox, shop: .stripe])
        }
    }

    @Test func `attempts that are older than the stored types take the type of the settings`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(fullOrder())
            #expect(try await ledger.keepKinds([sandbox: .sandbox]) == [])
        }
    }
}
