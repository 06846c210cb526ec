import ArgumentParser
import Foundation
import Logging
import PayAPI
import PayCore
import PayFlow
import PayProviders

struct Webhooks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the shop's webhook endpoints, and tries one out.", subcommands: [List.self, Test.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints every endpoint that was ever configured, with its waiting and parked webhooks.")

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let endpoints = try await CommandDatabase.with(config: config) { try await $0.endpoints() }
            output.print(text: EndpointTable(endpoints).text, json: EndpointListJSON(endpoints))
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends the event webhook.test to an endpoint, and prints its answer.",
            discussion: """
                The event is signed like any other. It belongs to no order, and is sent once. The settings of the service \
                are needed: the database and the webhook endpoints.
                """)

        @Argument(help: "The name of the endpoint; default is the one of webhook.url.")
        var endpoint = EndpointName.standard

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings.")
        var config: String?

        func run() async throws {
            let clock = SystemClock()
            let endpoints: [WebhookEndpoint]
            do {
                endpoints = try Settings.webhookEndpoints(
                    environment: ProcessInfo.processInfo.environment, configFile: config)
            } catch {
                throw CommandFailure("the configuration has mistakes:\n\(error)")
            }
            let result = try await CommandDatabase.with(config: config) { store in
                let wiring = WebhookWiring(
                    endpoints, outbox: store, clock: clock, observer: NothingObserved(),
                    tracing: nil, logger: Logger(label: "paypage") { _ in SwiftLogNoOpLogHandler() })
                let test = TestEndpoint(wiring.receiver, audit: store, clock: clock)
                let result = try await test(endpoint, by: try author.actor())
                await wiring.transport.close()
                return result
            }
            guard let result else {
                throw CommandFailure(
                    "no endpoint \(endpoint) is configured: set webhook.url or webhook.endpoints.NAME.url")
            }
            output.print(text: Self.text(result), json: EndpointTestAnswer(result))
            if result.reply.answer != .accepted { throw ExitCode.failure }
        }

        private static func text(_ result: EndpointTestResult) -> String {
            let took = "\(result.took.wholeMilliseconds) ms"
            let head = "\(result.endpoint): \(result.reply.answer.words) after \(took), webhook-id \(result.messageID)"
            return result.reply.excerpt.map { "\(head)\n\(PlainText($0))" } ?? head
        }
    }
}

/// A command logs nothing that its answer doesn't say.
private struct NothingObserved: FlowObserver {
    func saw(_ observation: Observation) {}
}
