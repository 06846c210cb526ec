import PayCore
import PayFlow
import ServiceLifecycle
import UnixSignals

/// Reloads the settings at each SIGHUP.
struct ReloadSignal: Service {
    let reload: SettingsReload

    /// The author in the audit: a signal does not tell who sent it.
    private static let author = Actor(PersonName("SIGHUP")!, by: .cli, from: nil)

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            _ = await reload(by: Self.author)
        }
    }
}
