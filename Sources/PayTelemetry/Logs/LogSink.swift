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

/// Where a log's lines go.
package protocol LogSink: Sendable {
    /// Takes one record. `line` holds no line break; the sink adds one.
    func write(_ line: String)

    /// Takes one record that may be written with those that come shortly after it.
    func writeSoon(_ line: [UInt8])
}

extension LogSink {
    package func writeSoon(_ line: [UInt8]) {
        write(String(decoding: line, as: UTF8.self))
    }

    /// What somebody may have to act on is written at once; all else may wait for more.
    package func write(_ line: String, at level: Logger.Level) {
        if level > .info { write(line) } else { writeSoon(Array(line.utf8)) }
    }
}

/// Standard error, one whole line at a time.
package struct StandardErrorSink: LogSink {
    /// How long a line may wait for others: a system call for each costs more than the rest of a request's line.
    private static let patience = DispatchTimeInterval.milliseconds(10)
    /// In bytes; more than this doesn't wait.
    private static let mostWaiting = 65_536

    /// What is to be written next. Held for moments only: every request adds its line.
    private static let waiting = Mutex<[UInt8]>([])
    /// What is being written. Lines of several threads must not mix, not even when the system takes a line in pieces; and
    /// none may overtake those that wait.
    private static let output = Mutex<[UInt8]>([])
    private static let queue = DispatchQueue(label: "log")
    /// What still waits is written when the process ends by itself.
    private static let writesAtExit: Void = { atexit { StandardErrorSink.writeWaiting() } }()

    package init() {}

    /// What goes nowhere is given up: a service doesn't stop because its log was closed. One that somebody keeps open and
    /// doesn't read holds it up, when all on the way is full: no line is left out.
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

    /// Whoever started the process may have said that writing shall not wait.
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
