import ProviderFakes
import Testing

/// The providers' notices, their retries, and the queries that replace lost ones.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ProviderNoticeTests {
    @Test(arguments: PlayedName.allCases)
    func `a notice is retried until the service accepts it, and a duplicate is one receipt`(_ name: PlayedName)
        async throws
    {
        try await Play.run { play in
            let (order, fake) = ("notice_\(name)", play.players[name])
            let page = try await play.firstPage(order, on: name)
            try await play.open(page, on: name)
            _ = try await fake.pay("\(order)_1")
            let next = try await play.crashAndStartAgain {
                await #expect(throws: (any Error).self, "nobody is there") {
                    try await play.tell("\(order)_1", on: name)
                }
            }
            let notice = try await fake.notice(ofPayment: "\(order)_1")
            for _ in 1...3 { #expect(try await fake.notify(notice, to: next.noticeURL(of: name))) }
            #expect(try await next.tell("\(order)_1", on: name), "signed anew")
            let booked = try await next.agree(order)
            #expect(booked.state == "paid" && booked.receipts.count == 1)
            #expect(booked.refunds.isEmpty)
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `a notice that was altered on its way is refused, and sent again`(_ name: PlayedName) async throws {
        try await Play.run { play in
            let (order, fake) = ("altered_\(name)", play.players[name])
            let page = try await play.firstPage(order, on: name)
            try await play.open(page, on: name)
            _ = try await fake.pay("\(order)_1")
            let notice = try await fake.notice(ofPayment: "\(order)_1")
            var body = notice.body
            body[body.count / 2] ^= 1
            let altered = FakeNotice(headers: notice.headers, body: body)
            #expect(try await fake.notify(altered, to: play.noticeURL(of: name)) == false)
            for other in name.others {
                #expect(try await fake.notify(notice, to: play.noticeURL(of: other)) == false, "at \(other)'s door")
            }
            #expect(try await fake.notify(notice, to: play.noticeURL(of: name)))
            #expect(try await play.agree(order).state == "paid")
        }
    }

    @Test func `a payment whose notice was lost is found by a query`() async throws {
        try await Play.run { play in
            for name in PlayedName.allCases {
                let page = try await play.firstPage("lost_\(name)", on: name)
                try await play.open(page, on: name)
                _ = try await play.players[name].pay("lost_\(name)_1")
            }
            for name in PlayedName.allCases {
                let booked = try await play.wait("lost_\(name)", until: "paid")
                #expect(booked.receipts.map(\.standing) == ["honest"], "\(name)")
                try await play.agree("lost_\(name)")
            }
        }
    }
}
