package enum SecretBytes {
    /// Compares in a time that depends on the lengths alone.
    package static func areEqual(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for (mine, theirs) in zip(one, other) { difference |= mine ^ theirs }
        return difference == 0
    }
}
