/// Stories run in parallel, except those that need the machine for themselves. A story with time-outs of a second can't
/// run beside thousands of calls.
enum Crowd {
    private struct State: Sendable {
        var inside = 0
        var isTaken = false
    }

    /// A body inside ``alone(_:)`` is already counted.
    @TaskLocal private static var isInside = false

    private static let state = Watched(State())
    /// Longer than all stories take together.
    private static let patience = Duration.seconds(1_200)

    /// Runs in parallel with the other callers of this method.
    static func beside<Value>(_ body: () async throws -> Value) async throws -> Value {
        if isInside { return try await body() }
        try await enter("room beside the others", if: { !$0.isTaken }) { $0.inside += 1 }
        defer { state.update { $0.inside -= 1 } }
        return try await body()
    }

    /// Waits until no other story runs, and admits no other.
    static func alone<Value>(_ body: () async throws -> Value) async throws -> Value {
        // Stories that begin at the same moment go first: their time limits are shorter.
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
