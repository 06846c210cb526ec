import Synchronization

/// What a provider can be asked.
public enum FakeOperation: String, CaseIterable, Sendable {
    case create, query, close, refund, follow
}

/// What is to go wrong with a call.
public enum FakeFault: String, CaseIterable, Sendable {
    /// Not done, and never answered.
    case timeout
    /// Done, and never answered.
    case lost
    /// Not done; answered by a 500 with the provider's usual body for one.
    case error
    /// Not done; refused in the provider's own words, signed where it signs refusals.
    case refused
    /// Not done; refused in the provider's own words, by a code that no table of ours has.
    case unlisted
    /// Not done; refused because the merchant's balance is too low for a refund.
    case lowBalance = "low_balance"
    /// Done and answered, after ``FakeServer/slowness``.
    case slow
    /// Done; answered by a 200 whose body nobody can read.
    case garbage
    /// Not done: refused as a close that came too early.
    case closeTooEarly = "close_too_early"
    /// Not done: refused as if there were no such trade.
    case noSuchTrade = "no_such_trade"
    /// Done and answered as always, but without a signature.
    case unsigned
    /// Done and answered as always, but with a signature that isn't right.
    case badlySigned = "badly_signed"
    /// Not done: the provider asks for fewer calls, in its own words.
    case tooOften = "too_often"
}

/// The faults that are still to happen, in the order that they were armed: the first that fits happens.
public final class FakeFaultList: Sendable {
    private struct Armed {
        let fault: FakeFault
        let operation: FakeOperation
        var times: Int
    }

    private let armed = Mutex<[Armed]>([])

    public init() {}

    /// `times` is at least 1.
    public func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int = 1) {
        precondition(times >= 1, "a fault that never happens")
        armed.withLock { $0.append(Armed(fault: fault, operation: operation, times: times)) }
    }

    /// Uses up one time of the first fault that fits.
    public func take(for operation: FakeOperation) -> FakeFault? {
        armed.withLock { armed in
            guard let index = armed.firstIndex(where: { $0.operation == operation }) else { return nil }
            armed[index].times -= 1
            defer { if armed[index].times == 0 { armed.remove(at: index) } }
            return armed[index].fault
        }
    }

    /// Whether everything that was armed has happened.
    public var isEmpty: Bool { armed.withLock(\.isEmpty) }

    public func disarm() {
        armed.withLock { $0 = [] }
    }
}

extension FakeFaultList {
    /// Answers a call to an operation with the fault that is armed for it, if any.
    ///
    /// What looks alike at every provider is decided here: `timeout`, `lost` and `slow`. Every other fault is handed to
    /// `perform`, which does the call (or not) and answers as ``FakeFault`` says; nil is a call that goes well.
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
