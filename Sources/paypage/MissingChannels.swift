import Logging
import PayCore
import PayFlow

/// Channels that are missing in the settings although their attempts may take money or their refunds are in progress.
/// Without the channel no payment is seen, no page is closed and no refund is followed.
struct MissingChannels {
    private let ledger: any ChannelStore
    private let configured: [Channel]
    private let without: [Channel]

    init(_ ledger: any ChannelStore, configured: [Channel], without: [Channel]) {
        self.ledger = ledger
        self.configured = configured
        self.without = without
    }

    /// Throws unless each of them was named with `--without-channel`.
    func check(_ logger: Logger) async throws {
        let missing = try await ledger.channelsAtWork(except: Set(configured))
        let unnamed = missing.filter { !without.contains($0.channel) }
        guard unnamed.isEmpty else { throw CommandFailure(unnamed.map(Self.complaint).joined(separator: "\n")) }
        for work in missing {
            logger.warning(
                "channel with open work is not configured",
                metadata: [
                    "provider.channel": "\(work.channel)", "channel.attempts": .stringConvertible(work.attempts),
                    "channel.refunds": .stringConvertible(work.refunds),
                ])
        }
    }

    private static func complaint(_ work: ChannelWork) -> String {
        """
        channel \(work.channel) is not configured but has unfinished work (\(work.attempts) attempts that may take \
        money, \(work.refunds) refunds); configure it again (channels.\(work.channel).accept = false allows no new \
        attempts), or start with --without-channel \(work.channel) to leave the work unfinished
        """
    }
}
