import PayCore
import PayProviders

/// A fault to inject, and how often.
struct SandboxFault: Hashable, Sendable {
    enum Trouble: Hashable, Sendable {
        case call(SandboxWire.Operation, CallTrouble)
        case notice(NoticeTrouble)
    }

    let trouble: Trouble
    /// Nil for every channel.
    let channel: String?
    /// The number of times left; at least one.
    var times: Int

    fileprivate func concerns(_ asked: String) -> Bool {
        channel == nil || channel == asked
    }
}

/// A fault of a call.
enum CallTrouble: Hashable, Sendable {
    /// Not processed, never answered.
    case timeout
    /// Processed, never answered.
    case lost
    /// Not processed, answered with a 500.
    case error
    /// Not processed, refused.
    case refused
    /// Processed, answered after a delay.
    case slow(Duration)
    /// Processed, answered with an unreadable body.
    case garbage
    /// Not processed: refused as a close that came too early.
    case closeTooEarly
    /// Not processed: refused as an unknown trade.
    case noSuchTrade
    /// Processed; the bill differs from the books.
    case bill(BillTrouble)
}

/// A fault of a bill.
enum BillTrouble: Hashable, Sendable {
    /// The bill is given out before its day is over, as it is so far.
    case early
    /// Its last payment or refund is missing.
    case missingLine
}

/// A fault of a payment notice.
enum NoticeTrouble: Hashable, Sendable {
    case twice
    case late(Duration)
    case never
}

/// The pending faults, in the order given. The first match is injected.
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

    /// Consumes one time of the first fault that matches.
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
