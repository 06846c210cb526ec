import PayCore
import PayTestSupport
import ServiceTestSupport

// The writer. It makes every change that ends a page, by the calls that cause it.
extension Race {
    /// The number of changes after which an order is replaced by a new one.
    private static let longestStory = 12

    func openOrders() async throws {
        for slot in 0..<Self.slots { try await open(slot) }
    }

    func write() async throws {
        var random = SplitMix(state: 2_026)
        var changes = Array(repeating: 0, count: Self.slots)
        for await _ in beats {
            let slot = nextSlot(&random)
            changes[slot] += 1
            let service = services[Int.random(in: services.indices, using: &random)]
            let isOver = try await change(slots[slot].order.number.text, by: service, &random)
            if isOver || changes[slot] > Self.longestStory {
                changes[slot] = 0
                try await open(slot)
            }
        }
    }

    /// Every second change is of an order that a slow read waits for, if there is one. With orders by chance alone, some
    /// reads would wait for a hundred changes, which on a busy machine takes longer than the client's time-out.
    private func nextSlot(_ random: inout SplitMix) -> Int {
        let awaited = Bool.random(using: &random) ? slots.indices.filter { slots[$0].order.isAwaited } : []
        return awaited.randomElement(using: &random) ?? Int.random(in: 0..<Self.slots, using: &random)
    }

    private func open(_ slot: Int) async throws {
        let story = stories.next()
        let number = "race_\(story)"
        // Some orders reach their cut-off.
        let seconds: Int64 = story.isMultiple(of: 8) ? 1_800 : 86_400
        let order = TrackedOrder(OrderNumber(number)!)
        history.track(order)
        let paid = try await services[story % services.count].client.pay(
            Sample.body(number, ["expires_in": .integer(seconds)]), key: number)
        guard paid.status == 201 else { throw TestServiceError(text: paid.text) }
        replace(slot, by: Slot(order: order, calls: LaneCall.all(of: order.number)))
    }

    /// Makes a random change. Returns true if the order has ended.
    private func change(
        _ number: String, by service: TestService, _ random: inout SplitMix
    ) async throws -> Bool {
        switch Int.random(in: 0..<60, using: &random) {
        case 0..<24: try await goToTheOther(number, by: service)
        case 24..<40:
            if try await service.client.repay(number, ["fresh": true]).status == 200 { mints.next() }
        case 40..<44: clock.advance(by: .milliseconds(Int.random(in: 1...9_000, using: &random)))
        case 44..<47:
            // The pages of all orders expire.
            clock.advance(by: .seconds(300))
            expiries.next()
            _ = try await service.client.repay(number)
        case 47..<53:
            try await settle(number, by: service)
            return true
        case 53..<59:
            if try await service.client.close(number).status == 200 { closed.next() }
            return true
        default:
            // After the cut-off, pages can still be read, but repays are refused.
            clock.advance(by: .seconds(500))
        }
        return false
    }

    private func goToTheOther(_ number: String, by service: TestService) async throws {
        let live = try await service.client.order(number).json["page"]["channel"].string
        let other: JSONValue = live == "sandbox" ? "sandbox2" : "sandbox"
        let answer = try await service.client.repay(number, ["channel": other, "terminal": "pc"])
        if answer.status == 200 { switches.next() }
    }

    /// Settles a payment of the last attempt.
    private func settle(_ number: String, by service: TestService) async throws {
        guard let attempt = try await service.client.order(number).json["attempts"].items.last,
            let trade = attempt["trade_no"].string, let channel = attempt["channel"].string
        else { return }
        let notice = service.notice(of: trade, transaction: "sbx_\(trade)", channel: channel)
        if try await service.send(notice).status == 200 { settled.next() }
    }
}
