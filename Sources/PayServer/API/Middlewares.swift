import HTTPTypes
import Hummingbird
import Logging
import Metrics
import PayFlow

/// Gives each request an id, writes one log line for it, and times it. What is logged of the path is its template: a
/// checkout token stands in a path.
struct Journal: RouterMiddleware {
    static let metric = "paypage_http_request_duration_seconds"

    let log: AccessLog

    func handle(
        _ request: Request, context: PayRequestContext, next: (Request, PayRequestContext) async throws -> Response
    ) async throws -> Response {
        let began = ContinuousClock.now
        var context = context
        if let given = request.headers[.requestID].flatMap(RequestID.init(given:)) { context.requestID = given }
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID.description
        note(request, response, context, took: ContinuousClock.now - began)
        return response
    }

    private func note(_ request: Request, _ response: Response, _ context: PayRequestContext, took: Duration) {
        let answered = AnsweredRequest(
            id: context.requestID, method: request.method.rawValue, route: context.endpointPath ?? "none",
            status: response.status.code, took: took)
        Recorder(label: Self.metric, dimensions: answered.dimensions).record(took.seconds)
        log.tell(answered)
    }
}

extension AnsweredRequest {
    /// What the metrics tell requests apart by: anybody can invent a method.
    var dimensions: [(String, String)] {
        let isUsual = HTTPRequest.Method(method)?.isUsual ?? false
        return [("method", isUsual ? method : "other"), ("route", route), ("status", String(status))]
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension HTTPRequest.Method {
    /// What gets a series of its own in the metrics.
    var isUsual: Bool { [.get, .head, .post, .put, .delete, .patch, .options].contains(self) }
}

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
    func log(_ requestID: RequestID, to logger: Logger) {
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
