import PayCore
import PayFlow
import StoreTestSupport
import Testing

/// The provider type of each channel name.
struct ChannelKindTests {
    private let shop = Channel("shop")!

    @Test(arguments: StoreKind.available)
    func `the types of the configured channels are stored once`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            #expect(try await ledger.channelKinds() == [:])
            for _ in 1...2 {
                #expect(try await ledger.keepKinds([sandbox: .sandbox, shop: .alipay]) == [])
                #expect(try await ledger.channelKinds() == [sandbox: .sandbox, shop: .alipay])
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a channel that is no longer configured keeps its type`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([shop: .alipay])
            _ = try await ledger.keepKinds([sandbox: .sandbox])
            #expect(try await ledger.channelKinds() == [sandbox: .sandbox, shop: .alipay])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a name with attempts never changes its type, and nothing of such a start is stored`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox])
            try await ledger.put(fullOrder())
            let conflict = ProviderKindConflict(channel: sandbox, stored: .sandbox, configured: .stripe)
            #expect(try await ledger.kindConflicts(with: [sandbox: .stripe, shop: .alipay]) == [conflict])
            #expect(try await ledger.keepKinds([sandbox: .stripe, shop: .alipay]) == [conflict])
            #expect(try await ledger.channelKinds() == [sandbox: .sandbox])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a name without attempts may be used for another provider`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox, shop: .alipay])
            try await ledger.put(fullOrder())
            #expect(try await ledger.kindConflicts(with: [shop: .stripe]) == [])
            #expect(try await ledger.keepKinds([shop: .stripe]) == [])
            #expect(try await ledger.channelKinds() == [sandbox: .sandbox, shop: .stripe])
        }
    }

    @Test(arguments: StoreKind.available)
    func `attempts that are older than the stored types take the type of the settings`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            #expect(try await ledger.keepKinds([sandbox: .sandbox]) == [])
        }
    }
}
