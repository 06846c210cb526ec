import HTTPTypes
import Hummingbird
package import Logging
package import PayFlow
package import PayTelemetry

/// Makes an answer of every error: a problem as it says, anything else as INTERNAL, with the text in the log alone.
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
            // The caller has gone away, or the process ends: nobody reads this.
            return Problem(.notReady, "the request was given up").response(requestID: context.requestID)
        } catch let outage as LedgerUnavailable {
            outage.log(context.requestID, to: logger)
            return Problem.databaseUnavailable(retryAfter: LedgerUnavailable.retryAfter)
                .response(requestID: context.requestID)
        } catch {
            logger.error(
                "request failed",
                metadata: ["request.id": .string(context.requestID.description), "error": "\(error)"])
            return Problem(.internal, "something broke here; the log has more under this instance")
                .response(requestID: context.requestID)
        }
    }

    /// What the framework refuses by itself.
    private static func problem(for status: HTTPResponse.Status) -> Problem {
        switch status {
        case .notFound: Problem(.notFound, "there is nothing at this path")
        case .contentTooLarge: .tooLarge
        case .methodNotAllowed: Problem(.methodNotAllowed, "this path doesn't take this method")
        default: Problem(.invalidRequest, "the request can't be read")
        }
    }
}

extension LedgerUnavailable {
    /// Writes the one line of a request that failed because of this.
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
        Problem(.payloadTooLarge, "the body may have \(RequestBodies.largestBody / 1_024) KiB at the most")
    }
}
