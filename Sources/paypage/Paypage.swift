import ArgumentParser

@main
struct Paypage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paypage",
        abstract: "A payment-page service: calls the provider once, and serves the stored page until it expires.",
        version: Version.current,
        subcommands: [
            Serve.self, Reload.self, Doctor.self, RunSandbox.self, Migrate.self, BackUp.self, RestoreCommand.self,
            Copy.self, Orders.self, ShowAttention.self, Deliveries.self, Webhooks.self, Refunds.self, Disputes.self,
            Channels.self, RunReconcile.self, Differences.self, AuditCommand.self, Operators.self, Keys.self,
            Privacy.self,
            PrintSettings.self,
        ])
}
