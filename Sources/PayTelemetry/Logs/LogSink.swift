import Dispatch
package import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The destination of log lines.
package protocol LogSink: Sendable {
    /// Writes one record at once. `line` holds no line break; the sink adds one.
    func write(_ line: String)

    /// Writes one record. The sink may delay it and write it together with later records.
    func writeSoon(_ line: [UInt8])
}

extension LogSink {
    package func writeSoon(_ line: [UInt8]) {
        write(String(decoding: line, as: UTF8.self))
    }

    /// Writes warnings and errors at once. Other records may be delayed and written together.
    package func write(_ line: String, at level: Logger.Level) {
        if level > .info { write(line) } else { writeSoon(Array(line.utf8)) }
    }
}

/// Writes whole lines to standard error.
package struct StandardErrorSink: LogSink {
    /// How long a line may be delayed to share a system call with others. One call per line costs more than formatting
    /// the line.
    private static let patience = DispatchTimeInterval.milliseconds(10)
    /// The size of delayed output that is written at once, in bytes.
    private static let mostWaiting = 65_536

    /// Output that is not written yet. The lock is held briefly, because every request appends its line.
    private static let waiting = Mutex<[UInt8]>([])
    /// Output that is being written. The lock keeps lines of several threads apart and in order, even when the system
    /// accepts a line in parts.
    private static let output = Mutex<[UInt8]>([])
    private static let queue = DispatchQueue(label: "log")
    /// Writes the delayed output when the process exits normally.
    private static let writesAtExit: Void = { atexit { StandardErrorSink.writeWaiting() } }()

    package init() {}

    /// Output is dropped when standard error is closed: a closed log does not stop the service. When standard error is
    /// a pipe that is full and not read, writing blocks: no line is dropped.
    package func write(_ line: String) {
        Self.waiting.withLock { waiting in
            waiting += line.utf8
            waiting.append(UInt8(ascii: "\n"))
        }
        Self.writeWaiting()
    }

    package func writeSoon(_ line: [UInt8]) {
        let (isFirst, isFull) = Self.waiting.withLock { waiting in
            let isFirst = waiting.isEmpty
            waiting += line
            waiting.append(UInt8(ascii: "\n"))
            return (isFirst, waiting.count > Self.mostWaiting)
        }
        if isFull {
            Self.writeWaiting()
        } else if isFirst {
            Self.writesAtExit
            Self.queue.asyncAfter(deadline: .now() + Self.patience) { Self.writeWaiting() }
        }
    }

    private static func writeWaiting() {
        output.withLock { lines in
            waiting.withLock { swap(&$0, &lines) }
            writeAll(&lines)
        }
    }

    private static func writeAll(_ lines: inout [UInt8]) {
        lines.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = writeOnce(UnsafeRawBufferPointer(rebasing: bytes[written...]))
                if count < 0 && errno == EINTR { continue }
                if count < 0 && errno == EAGAIN {
                    waitForReader()
                    continue
                }
                guard count > 0 else { break }
                written += count
            }
        }
        lines.removeAll(keepingCapacity: true)
    }

    /// Waits until standard error accepts output. The parent process may have made it non-blocking.
    private static func waitForReader() {
        var output = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&output, 1, -1)
    }

    private static func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #endif
    }
}
