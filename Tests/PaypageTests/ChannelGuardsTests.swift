import Logging
import PayCore
import PayProviders
import Synchronization
import Testing

@testable import paypage

@Suite struct `A channel's guard` {
    @Test(
        arguments: [
            (GuardedTransport.Change.opened(.seconds(5)), "provider circuit opened, calls are paused", "5000"),
            (.closed, "provider circuit closed", nil),
            (.slowedDown(.milliseconds(500)), "provider rate limit reached, calls are paused", "500"),
        ] as [(GuardedTransport.Change, String, String?)])
    func `a channel's circuit change is logged with the channel's name`(
        change: GuardedTransport.Change, message: String, pause: String?
    ) {
        let lines = GuardLines()
        ChannelGuards.tell(change, of: ProviderKind.alipay.shortFormChannel, Logger(label: "test") { _ in lines })
        var expected = ["warning", message, "provider.channel=alipay"]
        if let pause { expected.append("provider.pause.ms=\(pause)") }
        #expect(lines.all == [expected])
    }
}

private final class GuardLines: LogHandler, Sendable {
    private let noted = Mutex<[[String]]>([])

    var all: [[String]] { noted.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let words = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        noted.withLock { $0.append(["\(event.level)", "\(event.message)"] + words) }
    }
}
