/// Does the same work for many items, a few at a time, so that one slow provider does not block the others.
///
/// After a cancellation no further item is begun, and items in progress are finished.
struct Crew: Sendable {
    /// The number of items at a time: a provider that does not answer takes one time-out for each item.
    static let most = 8

    func work<Item: Sendable, Outcome: Sendable>(
        on items: [Item], _ work: @escaping @Sendable (Item) async -> Outcome
    ) async -> [Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (index, item) in items.enumerated() {
                if index >= Self.most, let outcome = await group.next() { outcomes.append(outcome) }
                if Task.isCancelled { break }
                // A separate task: a cancellation must not cut a provider call short.
                let task = Task { await work(item) }
                group.addTask { await task.value }
            }
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
    }
}
