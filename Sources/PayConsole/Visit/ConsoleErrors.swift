import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PayAPI
import PayAccess
import PayCore
import PayFlow
import PayTelemetry

/// Turns every error into a page without a session. The text of an unexpected error goes only to the log.
struct ConsoleErrors: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: PayRequestContext, next: (Request, PayRequestContext) async throws -> Response
    ) async throws -> Response {
        let language = ConsoleLanguage(of: request, ConsoleCookies(isSecure: true))
        let texts = language.words.frame
        do {
            return try await next(request, context)
        } catch ConsoleProblem.foreignHost {
            return page(language, texts.hostTitle, texts.hostLead, .misdirectedRequest)
        } catch let problem as Problem {
            return page(language, texts.brokenTitle, texts.badRequestLead, problem.code.status)
        } catch let error as any HTTPResponseError {
            let isUnknown = error.status == .notFound
            return page(
                language, isUnknown ? texts.notFoundTitle : texts.brokenTitle,
                isUnknown ? texts.notFoundLead : texts.badRequestLead, error.status)
        } catch let error as CancellationError {
            throw error
        } catch is PasswordsBusy {
            var response = page(language, texts.brokenTitle, texts.busyLead, .serviceUnavailable)
            response.headers[.retryAfter] = String(PasswordsBusy.retryAfter.secondsToWait)
            return response
        } catch let outage as LedgerUnavailable {
            outage.log(context.requestID, to: logger)
            var response = page(language, texts.brokenTitle, texts.unavailableLead, .serviceUnavailable)
            response.headers[.retryAfter] = String(LedgerUnavailable.retryAfter.secondsToWait)
            return response
        } catch {
            logger.error(
                "request failed",
                metadata: ["request.id": .string(context.requestID.description), "error": "\(error)"])
            let lead = texts.brokenLead.replacing("{}", with: context.requestID.description)
            return page(language, texts.brokenTitle, lead, .internalServerError)
        }
    }

    private func page(
        _ language: ConsoleLanguage, _ title: String, _ lead: String, _ status: HTTPResponse.Status
    ) -> Response {
        let html = ConsolePage.message(title, lead).html(
            for: nil, language, flash: nil, place: ConsolePath.home, isLive: false)
        return Response(
            status: status, headers: ConsoleHeaders.html, body: .init(byteBuffer: ByteBuffer(string: html)))
    }
}
