import HTTPTypes
import Hummingbird
package import Logging
package import PayFlow
package import PayTelemetry

/// Turns every error into a response. An error that is not a ``Problem`` becomes INTERNAL; its text goes only to the
/// log.
struct ProblemAnswers: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: PayRequestContext, next: (Request, PayRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response(requestID: context.requestID)
        } catch let error as any HTTPResponseError {
            return Self.problem(for: error.status).response(requestID: context.requestID)
        } catch is CancellationError {
            // The client has disconnected, or the process ends, so this response is not read.
            return Problem(.notReady, "the request was cancelled").response(requestID: context.requestID)
        } catch let outage as LedgerUnavailable {
            outage.log(context.requestID, to: logger)
            return Problem.databaseUnavailable(retryAfter: LedgerUnavailable.retryAfter)
                .response(requestID: context.requestID)
        } catch {
            logger.error(
                "request failed",
                metadata: ["request.id": .string(context.requestID.description), "error": "\(error)"])
            return Problem(.internal, "an unexpected error occurred; the service log has details under this instance")
                .response(requestID: context.requestID)
        }
    }

    /// The problem for an error of the framework.
    private static func problem(for status: HTTPResponse.Status) -> Problem {
        switch status {
        case .notFound: Problem(.notFound, "this path does not exist")
        case .contentTooLarge: .tooLarge
        case .methodNotAllowed: Problem(.methodNotAllowed, "the method is not allowed on this path")
        default: Problem(.invalidRequest, "the request is malformed")
        }
    }
}

extension LedgerUnavailable {
    /// Writes the log line of a request that failed for this reason.
    package func log(_ requestID: RequestIdentifier, to logger: Logger) {
        logger.error(
            "request failed, database unavailable",
            metadata: [
                "request.id": .string(requestID.description), "database.reason": "\(reason.rawValue)",
                "error": "\(self)",
            ])
    }
}

extension Problem {
    static var tooLarge: Problem {
        Problem(.payloadTooLarge, "the body is larger than \(RequestBodies.largestBody / 1_024) KiB")
    }
}
