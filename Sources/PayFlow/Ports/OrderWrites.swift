public import PayCore

/// Receives the beginning and the end of every write to an order, whatever its outcome. Cached pages of the order must
/// not be used between the two, and must be read again after them.
public protocol OrderWrites: Sendable {
    func began(on number: OrderNumber)

    /// Called as often as ``began(on:)``, and before any caller gets the write's outcome.
    func ended(on number: OrderNumber)
}
