import CLinux
package import NIOCore

extension EventLoopGroup {
    /// Makes the loops run as soon as a request arrives.
    ///
    /// Since Linux 6.12, a thread that wakes up interrupts a running thread with a longer time slice. All slices are
    /// equal by default: some 3 ms on two cores. A request then waits that long for the work of a first pay, though its
    /// own takes 20 µs. The loops' share of the processor remains the same.
    package func shortenTimeSlices() {
        for loop in makeIterator() {
            loop.execute { _ = clinux_set_time_slice(leastTimeSlice) }
        }
    }
}

/// In nanoseconds. Linux has none that are shorter.
private let leastTimeSlice: UInt64 = 100_000
