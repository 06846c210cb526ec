import Synchronization

/// A provider's operations.
public enum FakeOperation: String, CaseIterable, Sendable {
    case create, query, close, refund, follow
}

/// A fault of a call.
public enum FakeFault: String, CaseIterable, Sendable {
    /// Not processed, never answered.
    case timeout
    /// Processed, never answered.
    case lost
    /// Not processed, answered with a 500 and the provider's usual body.
    case error
    /// Not processed, refused in the provider's format, and signed if the provider signs refusals.
    case refused
    /// Not processed, refused with a code that is not in our tables.
    case unlisted
    /// Not processed: the merchant's balance is too low for a refund.
    case lowBalance = "low_balance"
    /// Processed, answered after ``FakeServer/slowness``.
    case slow
    /// Processed, answered by a 200 with an unreadable body.
    case garbage
    /// Not processed: refused as a close that came too early.
    case closeTooEarly = "close_too_early"
    /// Not processed: refused as an unknown trade.
    case noSuchTrade = "no_such_trade"
    /// Processed and answered, but without a signature.
    case unsigned
    /// Processed and answered, but with a wrong signature.
    case badlySigned = "badly_signed"
    /// Not processed: rate-limited in the provider's format.
    case tooOften = "too_often"
}

/// The pending faults, in the order of arming. The first match is injected.
public final class FakeFaultList: Sendable {
    private struct Armed {
        let fault: FakeFault
        let operation: FakeOperation
        var times: Int
    }

    private let armed = Mutex<[Armed]>([])

    public init() {}

    /// `times` must be at least 1.
    public func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int = 1) {
        precondition(times >= 1, "a fault that never happens")
        armed.withLock { $0.append(Armed(fault: fault, operation: operation, times: times)) }
    }

    /// Consumes one time of the first fault that matches.
    public func take(for operation: FakeOperation) -> FakeFault? {
        armed.withLock { armed in
            guard let index = armed.firstIndex(where: { $0.operation == operation }) else { return nil }
            armed[index].times -= 1
            defer { if armed[index].times == 0 { armed.remove(at: index) } }
            return armed[index].fault
        }
    }

    /// Whether every armed fault was injected.
    public var isEmpty: Bool { armed.withLock(\.isEmpty) }

    public func disarm() {
        armed.withLock { $0 = [] }
    }
}

extension FakeFaultList {
    /// Answers a call with the fault that is armed for its operation, if any.
    ///
    /// Faults that are alike at every provider are handled here: `timeout`, `lost` and `slow`. Other faults are passed
    /// to `perform`, which processes the call or not and answers as ``FakeFault`` says. It gets nil for a call without
    /// a fault.
    public func answer(
        _ operation: FakeOperation, _ perform: (FakeFault?) async -> FakeReply
    ) async -> FakeReply {
        let fault = take(for: operation)
        switch fault {
        case .timeout: return .silence
        case .lost:
            _ = await perform(nil)
            return .silence
        case .slow:
            guard (try? await Task.sleep(for: FakeServer.slowness)) != nil else { return .brokenOff }
            return await perform(nil)
        case nil, .error, .refused, .unlisted, .lowBalance, .garbage, .closeTooEarly, .noSuchTrade, .unsigned,
            .badlySigned, .tooOften:
            return await perform(fault)
        }
    }
}
