import Synchronization

/// A value that is replaced as a whole while others use it, such as the parts that follow from the settings.
///
/// A call takes the value once, at its beginning, and finishes with it.
public final class Current<Value: Sendable>: Sendable {
    private let stored: Mutex<Value>
    /// The number of replacements.
    private let version = Atomic<UInt64>(0)

    public init(_ value: Value) {
        stored = Mutex(value)
    }

    public var value: Value { stored.withLock { $0 } }

    public func replace(with value: Value) {
        stored.withLock { stored in
            stored = value
            version.add(1, ordering: .releasing)
        }
    }

    /// A reader for one thread: it costs one atomic load while the value stays the same.
    public func reader() -> Reader { Reader(self) }

    public struct Reader {
        private let current: Current
        private var known: Value
        private var version: UInt64

        fileprivate init(_ current: Current) {
            self.current = current
            (known, version) = current.snapshot()
        }

        public mutating func value() -> Value {
            if current.version.load(ordering: .acquiring) != version { (known, version) = current.snapshot() }
            return known
        }
    }

    private func snapshot() -> (Value, version: UInt64) {
        stored.withLock { ($0, version.load(ordering: .relaxed)) }
    }
}
