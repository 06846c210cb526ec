extension Order {
    /// Makes the order of a draft without an attempt: the buyer chooses the channel later. An order that was made before
    /// stays as it is.
    public mutating func begin() {
        // The fence is what tells a stored order from a draft.
        if !hasBegun { fence = fence.next }
    }
}
