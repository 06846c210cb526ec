import Foundation
import PayProviders

/// Checks that `public.url` leads to a running Paypage: requests its `/healthz`, as a provider or a buyer would.
struct PublicURLCheck {
    private static let subject = "public url"

    private struct Health: Decodable {
        let status: String
    }

    /// Without a slash at the end.
    let publicURL: String
    let transport: any ProviderTransport

    private var address: String { "\(publicURL)/healthz" }

    func finding() async -> Finding {
        do throws(TransportError) {
            return judge(try await transport.send(ProviderRequest(method: .get, url: address)))
        } catch {
            return judge(error)
        }
    }

    private func judge(_ reply: ProviderReply) -> Finding {
        if reply.status == 200, (try? JSONDecoder().decode(Health.self, from: Data(reply.body)))?.status == "ok" {
            return .ok(Self.subject, "\(address) is answered by Paypage")
        }
        switch reply.status {
        case 301, 302, 303, 307, 308:
            return .failure(
                Self.subject,
                "\(address) answers with a redirect (HTTP \(reply.status)), which providers do not follow",
                remedy: "set public.url to the address that answers without a redirect")
        case 502, 503, 504:
            return .warning(
                Self.subject, "\(address) answers with HTTP \(reply.status): the proxy runs, the service does not",
                remedy: "start the service, check the proxy's upstream address, and run paypage doctor again")
        default:
            return .failure(
                Self.subject, "\(address) answers with HTTP \(reply.status), but not from Paypage",
                remedy: "forward every path below public.url to this service, without a login at the proxy")
        }
    }

    private func judge(_ error: TransportError) -> Finding {
        switch error.reason {
        case .couldNotResolve:
            .failure(
                Self.subject, "the host of \(address) cannot be resolved",
                remedy: "correct public.url, or create the DNS record")
        case .tlsNotTrusted:
            .failure(
                Self.subject, "the certificate of \(address) is not trusted: \(error)",
                remedy: "install a valid certificate for this host name, with the full chain")
        case .tlsFailed:
            .failure(
                Self.subject, "the TLS handshake with \(address) failed: \(error)",
                remedy: "enable TLS 1.2 or later at the proxy")
        case .couldNotConnect, .connectTimedOut, .timedOut, .connectionBroken:
            .warning(
                Self.subject, "\(address) cannot be reached from this machine: \(error)",
                remedy: "start the service and run paypage doctor again; if the service runs, check the proxy and the "
                    + "firewall, or fetch the address from outside when this machine cannot reach its own public address"
            )
        case .badURL, .badHeader, .schemeNotAllowed, .malformedAnswer, .answerTooLarge, .other:
            .failure(
                Self.subject, "\(address) is not answered by Paypage: \(error)", remedy: "correct public.url")
        case .cancelled, .shutDown, .leftAlone, .tooManyCalls:
            .warning(Self.subject, "\(address) was not fetched", remedy: "run paypage doctor again")
        }
    }
}
