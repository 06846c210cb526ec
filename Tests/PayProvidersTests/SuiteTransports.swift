import PayTestSupport
import ProviderFakes
import Synchronization

@testable import PayProviders

/// The transports of one bench's adapters. Each adapter has its own, and all are closed with the bench.
final class SuiteTransports: Sendable {
    private let opened = Mutex<[CurlTransport]>([])

    func plain(_ wiring: ProviderBench.Wiring) -> CurlTransport {
        let transport = CurlTransport(
            limits: .init(connectTimeout: wiring.totalTimeout, totalTimeout: wiring.totalTimeout))
        opened.withLock { $0.append(transport) }
        return transport
    }

    func guarded(_ wiring: ProviderBench.Wiring, clock: HandMovedClock) -> GuardedTransport {
        GuardedTransport(plain(wiring), clock: clock)
    }

    /// For bills, whose transports end with each download.
    static let downloads = FileDownloader(folder: "/tmp", connectTimeout: .seconds(50))

    func close() async {
        for transport in opened.withLock({ $0 }) { await transport.close() }
    }
}
