package import PayFlow

extension ClockJob {
    /// How often those who watch are told that somebody is still there. Proxies close what says nothing for a minute,
    /// some for half of one; a page that has run out is told this late at most.
    static let beatEvery = Duration.seconds(15)

    /// What those who watch orders need of the clock.
    package static func live(_ live: LiveOrders) -> [ClockJob] {
        [
            ClockJob("beat", every: beatEvery) { _ in
                live.beat()
                return NothingToReport()
            },
            ClockJob("look", every: soon) { _ in
                _ = try await live.lookForOthers()
                return NothingToReport()
            },
        ]
    }
}
