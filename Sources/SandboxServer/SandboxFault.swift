import PayCore
import PayProviders

/// Something that is to go wrong, so often.
struct SandboxFault: Hashable, Sendable {
    enum Trouble: Hashable, Sendable {
        case call(SandboxWire.Operation, CallTrouble)
        case notice(NoticeTrouble)
    }

    let trouble: Trouble
    /// Nil for every channel.
    let channel: String?
    /// How often it still happens; at least once.
    var times: Int

    fileprivate func concerns(_ asked: String) -> Bool {
        channel == nil || channel == asked
    }
}

/// What goes wrong with a call.
enum CallTrouble: Hashable, Sendable {
    /// Not done, and never answered.
    case timeout
    /// Done, and never answered.
    case lost
    /// Not done; answered by a 500.
    case error
    /// Not done; refused in so many words.
    case refused
    /// Done and answered, but only after that time.
    case slow(Duration)
    /// Done; answered by something that nobody can read.
    case garbage
    /// Not done: refused as a close that came too early.
    case closeTooEarly
    /// Not done: refused as if there were no such trade.
    case noSuchTrade
}

/// What goes wrong with the notice of a payment.
enum NoticeTrouble: Hashable, Sendable {
    case twice
    case late(Duration)
    case never
}

/// The faults that are still to happen, in the order that they were given: the first that fits happens.
struct SandboxFaults: Hashable, Sendable {
    private(set) var left: [SandboxFault] = []

    init(_ faults: [SandboxFault] = []) {
        left = faults
    }

    mutating func take(for operation: SandboxWire.Operation, on channel: String) -> CallTrouble? {
        take { fault in
            guard case .call(operation, let trouble) = fault.trouble, fault.concerns(channel) else { return nil }
            return trouble
        }
    }

    mutating func takeForNotice(on channel: String) -> NoticeTrouble? {
        take { fault in
            guard case .notice(let trouble) = fault.trouble, fault.concerns(channel) else { return nil }
            return trouble
        }
    }

    /// Uses up one time of the first fault that fits.
    private mutating func take<Trouble>(_ fits: (SandboxFault) -> Trouble?) -> Trouble? {
        for (index, fault) in left.enumerated() {
            guard let trouble = fits(fault) else { continue }
            left[index].times -= 1
            if left[index].times == 0 { left.remove(at: index) }
            return trouble
        }
        return nil
    }
}
