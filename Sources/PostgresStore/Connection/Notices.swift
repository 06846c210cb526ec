import CPQ

/// The warnings of a connection's server. libpq calls the receiver while it reads.
final class Notices {
    private(set) var warnings = 0
    private(set) var lastWarning: SQLState?

    /// Registers for the connection's notices. Must outlive the connection.
    func receive(from connection: OpaquePointer) {
        PQsetNoticeReceiver(
            connection,
            { box, result in
                guard let box, let result else { return }
                Unmanaged<Notices>.fromOpaque(box).takeUnretainedValue().note(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func note(_ result: OpaquePointer) {
        guard let failure = PQresultErrorField(result, CInt(UInt8(ascii: "V"))) else { return }
        guard String(cString: failure) == "WARNING" else { return }
        warnings += 1
        lastWarning = PQresultErrorField(result, CInt(UInt8(ascii: "C"))).map { SQLState(String(cString: $0)) }
    }
}
