public import PayCore

/// Who is told of every write to an order, before it begins and when it is over, whatever came of it: what they keep of the
/// order must not be believed between the two, nor behind them.
public protocol OrderWrites: Sendable {
    func began(on number: OrderNumber)

    /// As often as ``began(on:)``, and before anybody is told what the write came to.
    func ended(on number: OrderNumber)
}
