/// Does the same for each of many, a few at a time: one that waits for a provider must not hold up the others.
///
/// When the task is cancelled nothing more is begun, and what is under way is finished.
struct Crew: Sendable {
    /// So many at a time: a provider that doesn't answer takes a time-out for each.
    static let most = 8

    func work<Item: Sendable, Outcome: Sendable>(
        on items: [Item], _ work: @escaping @Sendable (Item) async -> Outcome
    ) async -> [Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (index, item) in items.enumerated() {
                if index >= Self.most, let outcome = await group.next() { outcomes.append(outcome) }
                if Task.isCancelled { break }
                // A task of its own: a provider call is not cut short because nothing more shall be begun.
                let task = Task { await work(item) }
                group.addTask { await task.value }
            }
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
    }
}
