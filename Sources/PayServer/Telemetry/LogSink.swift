import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a log's lines go.
public protocol LogSink: Sendable {
    /// Takes one record. `line` holds no line break; the sink adds one.
    func write(_ line: String)
}

/// Standard error, one whole line at a time.
public struct StandardErrorSink: LogSink {
    /// Lines of several threads must not mix, not even when the system takes a line in pieces.
    private static let turn = Mutex(())

    public init() {}

    /// What can't be written is given up: a service doesn't stop because nobody reads its log.
    public func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        Self.turn.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { writeOnce($0) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    private func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #endif
    }
}
