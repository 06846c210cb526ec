import PayFlow
import PayTestSupport
import StoreTestSupport
import Testing

@testable import PayCore

struct EndpointTests {
    private let first = trade("order_1", 1)
    private let books = EndpointName("books")!
    private let shop = EndpointEntry(.standard, origin: "https://shop.example")

    private func entry(_ name: EndpointName, _ kinds: Set<OrderEvent.Kind>? = nil) -> EndpointEntry {
        EndpointEntry(name, origin: "https://\(name).example:8443", kinds: kinds)
    }

    private func told(_ claims: [DeliveryClaim]) -> [OrderEvent.Kind] { claims.map(\.message.event.kind) }

    private func claim(_ ledger: any Store, _ endpoint: EndpointName, _ seconds: Int) async throws -> [DeliveryClaim] {
        try await ledger.claimDeliveries(to: endpoint, dueAt: at(seconds), until: at(seconds + 20), limit: 100).claims
    }

    @Test(arguments: StoreKind.available)
    func `an event has a delivery for each configured endpoint that it is for`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let endpoints = [entry(books, [.paymentDuplicate, .orderClosed]), shop]
            try await ledger.keepEndpoints(endpoints, at: at(1))
            #expect(try await ledger.endpoints().map(\.entry) == endpoints)

            // Any process tells every endpoint, also one without settings of its own.
            try await database.open().tell([
                event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2"),
            ])
            let records = try await ledger.records().reversed().map { "\($0.event) \($0.endpoint)" }
            #expect(records == ["1 default", "2 books", "2 default"])
            #expect(try await told(claim(ledger, books, 61)) == [.paymentDuplicate])
            #expect(try await told(claim(ledger, .standard, 61)) == [.orderPaid])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a start with the same endpoints writes nothing`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.keepEndpoints([shop, entry(books, [.orderPaid])], at: at(1))
            let watcher = try database.tamper()
            let before = try watcher.writes()
            for second in 2..<50 { try await ledger.keepEndpoints([entry(books, [.orderPaid]), shop], at: at(second)) }
            #expect(try watcher.writes() == before)
            #expect(try await ledger.endpoints().map(\.addedAt) == [at(1), at(1)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a removed endpoint keeps its pending deliveries, gets no new ones, and goes on when it is back`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.keepEndpoints([shop, entry(books)], at: at(1))
            try await ledger.tell([event(.orderPaid, of: first, "tx-1")])
            try await ledger.keepEndpoints([shop], at: at(62))
            try await ledger.tell([event(.orderClosed)])
            let kept = try await ledger.deliveries(DeliveryListing(endpoint: books, limit: 9))
            #expect(kept.map(\.state) == [.pending] && kept.map(\.isEndpointActive) == [false])
            let standing = try #require(try await ledger.endpoints().first)
            #expect(standing.entry.name == books && !standing.isActive && standing.pending == 1)
            #expect(standing.waitsSince == at(61))

            try await ledger.keepEndpoints([shop, entry(books)], at: at(63))
            #expect(try await told(claim(ledger, books, 64)) == [.orderPaid])
            #expect(try await ledger.deliveries(DeliveryListing(endpoint: books, limit: 9)).count == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a pending delivery holds up its own endpoint alone`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.keepEndpoints([shop, entry(books)], at: at(1))
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.orderClosed)])
            let down = try #require(try await claim(ledger, books, 61).first)
            #expect(try await ledger.finish(down, .refused(status: 503), 61))
            for kind in [OrderEvent.Kind.orderPaid, .orderClosed] {
                let claims = try await claim(ledger, .standard, 61)
                #expect(told(claims) == [kind])
                for claim in claims { #expect(try await ledger.finish(claim, .accepted, 61)) }
            }
            #expect(try await claim(ledger, books, 61).isEmpty)
            #expect(try await told(claim(ledger, books, 66)) == [.orderPaid])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a resent event goes before the later pending events of its order, at its endpoint alone`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.keepEndpoints([shop, entry(books)], at: at(1))
            try await ledger.tell([
                event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2"), event(.orderClosed),
            ])
            // Given that the first event was accepted by both, and the second waits at both.
            for endpoint in [books, .standard] {
                let paid = try #require(try await claim(ledger, endpoint, 61).first)
                #expect(try await ledger.finish(paid, .accepted, 61))
                let next = try #require(try await claim(ledger, endpoint, 61).first)
                #expect(try await ledger.finish(next, .refused(status: 500), 61))
            }
            let paid = try #require(
                try await ledger.deliveries(DeliveryListing(endpoint: books, limit: 9)).first { $0.kind == .orderPaid })

            // When
            let report = try await ledger.resendDeliveries(.these([paid.id]), by: .tester, at: at(62))
            #expect(report.due == [paid.id])

            // Then
            for kind in [OrderEvent.Kind.orderPaid, .paymentDuplicate, .orderClosed] {
                let claims = try await claim(ledger, books, 100)
                #expect(told(claims) == [kind])
                for claim in claims { #expect(try await ledger.finish(claim, .accepted, 100)) }
            }
            #expect(try await told(claim(ledger, .standard, 100)) == [.paymentDuplicate])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a resend leaves an entry for each delivery, with its order`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.tell([event(.orderClosed)])
            let nobody = try #require(DeliveryID(99))
            let id = try #require(try await ledger.records().first?.id)
            _ = try await ledger.resendDeliveries(.these([id, nobody]), by: .tester, at: at(70))
            _ = try await ledger.resendDeliveries(.everyParked, by: .tester, at: at(71))
            let entries = try await ledger.auditEntries(AuditListing(limit: 9))
            #expect(
                entries.map(\.note) == [
                    AuditNote(.tester, .deliveryResent, on: "\(id)", of: orderNumber("order_1"))
                ])
            #expect(entries.map(\.at) == [at(70)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a recovery sends every event since a time to a new endpoint, in order, and again to an old one`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            // Given events without any endpoint, then one that was accepted, then a new endpoint with a filter.
            let ledger = try await database.open()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1")])
            #expect(try await ledger.records() == [])
            try await ledger.keepEndpoints([shop], at: at(62))
            try await ledger.tell([event(.paymentDuplicate, of: first, "tx-2")])
            let accepted = try #require(try await claim(ledger, .standard, 62).first)
            #expect(try await ledger.finish(accepted, .accepted, 62))
            try await ledger.keepEndpoints([shop, entry(books, [.orderPaid, .orderClosed])], at: at(63))
            try await ledger.tell([event(.orderClosed)])

            // When
            let none = try await ledger.recoverDeliveries(since: at(62), to: nil, by: .tester, at: at(70))
            #expect(none == RecoverReport(added: 0, due: 0))
            let report = try await ledger.recoverDeliveries(since: at(61), to: nil, by: .tester, at: at(70))

            // Then
            #expect(report == RecoverReport(added: 2, due: 3))
            for (endpoint, kinds) in [
                (books, [OrderEvent.Kind.orderPaid, .orderClosed]),
                (.standard, [.orderPaid, .paymentDuplicate, .orderClosed]),
            ] {
                for kind in kinds {
                    let claims = try await claim(ledger, endpoint, 70)
                    #expect(told(claims) == [kind], "\(endpoint)")
                    for claim in claims { #expect(try await ledger.finish(claim, .accepted, 70)) }
                }
                #expect(try await claim(ledger, endpoint, 70).isEmpty)
            }
            let entry = try #require(try await ledger.auditEntries(AuditListing(limit: 9)).first?.note)
            #expect(entry.action == .deliveriesRecovered && entry.subject == "every endpoint")
            #expect(entry.detail?.hasSuffix("2 added, 3 due again") == true)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a recovery leaves what is being sent, and other endpoints`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.keepEndpoints([shop, entry(books)], at: at(1))
            try await ledger.tell([event(.orderPaid, of: first, "tx-1")])
            let sending = try #require(try await claim(ledger, books, 61).first)
            let report = try await ledger.recoverDeliveries(since: at(0), to: books, by: .tester, at: at(62))
            #expect(report == RecoverReport(added: 0, due: 0))
            #expect(try await ledger.finish(sending, .accepted, 63))
        }
    }

    @Test(arguments: StoreKind.available)
    func `the last tries of a delivery are kept with the endpoint's answers`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1")])
            let id = try #require(try await ledger.records().first?.id)
            #expect(try await ledger.delivery(id)?.attempts == [])
            let count = DeliveryDetail.attemptsKept + 2
            for number in 1...count {
                let now = at(100 * number)
                let claim = try #require(try await claim(ledger, .standard, 100 * number).first)
                let reply = DeliveryReply(.refused(status: 502), status: 502, excerpt: "<h1>Bad Gateway \(number)</h1>")
                let made = DeliveryTry(beganAt: now, took: .milliseconds(1_234), reply: reply)
                #expect(try await ledger.finishDelivery(claim, .again(at: now), after: made, at: now))
            }
            let detail = try #require(try await ledger.delivery(id))
            #expect(detail.record.tries == count && detail.record.messageID == "evt_1_\(at(61).milliseconds)")
            #expect(detail.attempts.map(\.number) == (3...count).reversed())
            #expect(
                detail.attempts.first
                    == DeliveryAttempt(
                        number: count, beganAt: at(100 * count), took: .milliseconds(1_234), outcome: .refused,
                        status: 502, answer: "answered with 502", excerpt: "<h1>Bad Gateway \(count)</h1>"))
            #expect(try await ledger.delivery(DeliveryID(99)!) == nil)
        }
    }
}
