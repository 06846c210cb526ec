import PayCore

/// A refund in a provider's own books.
struct GivenBack: Hashable {
    enum Standing {
        case onItsWay, arrived
        /// No money has moved, or the money came back.
        case over
    }

    let number: String
    let amount: Int64
    let acceptedAt: Instant
    let arrivesAt: Instant
    /// When the provider closes the refund, or a bank sends the money back; nil for never.
    let isOverAt: Instant?
    /// Whether the refund waits for the merchant's balance until it arrives.
    let isHeld: Bool

    func standing(at now: Instant) -> Standing {
        if let isOverAt, isOverAt <= now { return .over }
        return arrivesAt <= now ? .arrived : .onItsWay
    }

    /// Whether the provider ever says that the money was returned.
    var everArrives: Bool { isOverAt.map { arrivesAt < $0 } ?? true }

    var isMadeInConsole: Bool { number.hasPrefix(Self.consolePrefix) }

    /// Begins a number that is not the service's.
    static let consolePrefix = "console_"
}

/// The fate of a refund from the moment in which the provider accepts it.
enum RefundFate {
    case arrives(after: Duration)
    /// It waits for the merchant's balance first.
    case isHeld(for: Duration)
    /// The provider closes it, and no money moves.
    case closes(after: Duration)
    /// The money arrives, and a bank sends it back.
    case comesBack(after: Duration, arriving: Duration)

    func accepted(_ number: String, _ amount: Int64, at now: Instant) -> GivenBack {
        switch self {
        case .arrives(let pause):
            GivenBack(number, amount, now, arrivesAt: now + pause)
        case .isHeld(let pause):
            GivenBack(number, amount, now, arrivesAt: now + pause, isHeld: true)
        case .closes(let pause):
            GivenBack(number, amount, now, arrivesAt: now + pause + .seconds(1), isOverAt: now + pause)
        case .comesBack(let pause, let arriving):
            GivenBack(number, amount, now, arrivesAt: now + arriving, isOverAt: now + arriving + pause)
        }
    }
}

extension GivenBack {
    fileprivate init(
        _ number: String, _ amount: Int64, _ now: Instant, arrivesAt: Instant, isOverAt: Instant? = nil,
        isHeld: Bool = false
    ) {
        self.init(
            number: number, amount: amount, acceptedAt: now, arrivesAt: arrivesAt, isOverAt: isOverAt, isHeld: isHeld)
    }
}
