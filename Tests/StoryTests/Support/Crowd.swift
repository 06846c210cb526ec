/// Stories run beside each other, but for those that want the machine to themselves: a story that measures itself by
/// time-outs of a second can't stand beside thousands of calls.
enum Crowd {
    private struct State: Sendable {
        var inside = 0
        var isTaken = false
    }

    /// Whoever runs inside ``alone(_:)`` has come in already.
    @TaskLocal private static var isInside = false

    private static let state = Watched(State())
    /// Longer than all stories take together.
    private static let patience = Duration.seconds(1_200)

    /// Runs beside all others that do so.
    static func beside<Value>(_ body: () async throws -> Value) async throws -> Value {
        if isInside { return try await body() }
        try await enter("room beside the others", if: { !$0.isTaken }) { $0.inside += 1 }
        defer { state.update { $0.inside -= 1 } }
        return try await body()
    }

    /// Waits until nobody else is inside, and lets nobody in.
    static func alone<Value>(_ body: () async throws -> Value) async throws -> Value {
        // The others, who begin in the same moment, go first: their time limits are shorter.
        try await Task.sleep(for: .seconds(1))
        try await enter("the machine to itself", if: { !$0.isTaken && $0.inside == 0 }) { $0.isTaken = true }
        defer { state.update { $0.isTaken = false } }
        return try await $isInside.withValue(true) { try await body() }
    }

    private static func enter(
        _ what: String, if may: @escaping @Sendable (State) -> Bool, _ take: (inout State) -> Void
    ) async throws {
        while true {
            var entered = false
            state.update { state in
                guard may(state) else { return }
                take(&state)
                entered = true
            }
            if entered { return }
            try await state.first(what, within: patience) { may($0) ? () : nil }
        }
    }
}
