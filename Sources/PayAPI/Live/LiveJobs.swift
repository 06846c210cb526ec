package import PayFlow

extension ClockJob {
    /// The interval of heartbeats. Proxies close a connection that is silent for a minute, some after 30 seconds. The
    /// expiry of a page is reported late by this interval at most.
    static let beatEvery = Duration.seconds(15)

    /// The periodic jobs of the event streams.
    package static func live(_ live: LiveOrders) -> [ClockJob] {
        [
            ClockJob("beat", every: beatEvery) { _ in
                live.beat()
                return NothingToReport()
            },
            ClockJob("look", every: soon) { _ in
                try await live.lookForOthers()
                return NothingToReport()
            },
        ]
    }
}
