import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Rows about the same payment, money that is booked late, and open differences over time.
struct ReconcileLateTests {
    @Test func `a second row about one payment is a difference, also in another bill`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine()])
            books.bills.set(tomorrow, [paymentLine()])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open() == [.missingHere])
            #expect(try await books.bill().figures[.matched] == 1)
            // The provider corrects its bill.
            books.bills.set(tomorrow, [], digest: "corrected")
            try await books.load(tomorrow)
            #expect(try await books.open() == [])
        }
    }

    @Test func `a receipt that is stored after its day was compared is compared with that day's bills`() async throws {
        try await withBooks { books in
            for day in [today, tomorrow, tomorrow.next] { books.bills.set(day, []) }
            try await books.load(today)
            try await books.load(tomorrow)
            await books.world.notify(receipt(), books.process)
            #expect(try await books.open() == [])
            try await books.load(tomorrow.next)
            #expect(try await books.open() == [.missingThere])
        }
    }

    @Test func `the provider is queried about an open difference once a day`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine()])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willQuery(.unpaid, .unpaid)
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open() == [.missingHere])
            let opened = books.world.clock.now()
            for hour in 1...23 {
                books.world.move(to: opened + .seconds(hour * 3_600))
                try await books.reconcile.compare(sandbox)
            }
            books.world.sandbox.willQuery(.paid(receipt()))
            books.world.move(to: opened + .seconds(86_400))
            try await books.reconcile.compare(sandbox)
            #expect(try await books.open() == [])
            #expect(try await books.world.order().receipts.count == 1)
        }
    }
}
