@testable import PayProviders

extension CurlTransport.Limits {
    /// For time-outs that must happen.
    static let hasty = Self(connectTimeout: .milliseconds(200), totalTimeout: .milliseconds(400))

    /// For outcomes that must not depend on a time-out on a busy machine.
    static let patient = Self(
        connectTimeout: .seconds(60), totalTimeout: .seconds(60), idleConnectionSeconds: 600, connectionLifeSeconds: 600
    )
}

/// Runs a body with a transport, and ends the transport's thread afterwards.
func withTransport<Value>(
    _ limits: CurlTransport.Limits = .patient,
    authoritiesFile: String? = nil,
    fixedAddresses: [String] = [],
    _ body: (CurlTransport) async throws -> Value
) async rethrows -> Value {
    let transport = CurlTransport(
        limits: limits, authoritiesFile: authoritiesFile, fixedAddresses: fixedAddresses)
    do {
        let value = try await body(transport)
        await transport.close()
        return value
    } catch {
        await transport.close()
        throw error
    }
}

extension CurlTransport {
    /// The error of a request that must fail; nil if it got a reply.
    func failure(_ request: ProviderRequest) async -> TransportError? {
        do throws(TransportError) {
            _ = try await send(request)
            return nil
        } catch {
            return error
        }
    }
}

extension ProviderRequest {
    static func get(_ url: String) -> Self { Self(method: .get, url: url) }

    static func create(_ url: String) -> Self {
        Self(
            method: .post,
            url: url,
            headers: [Header(name: "Content-Type", value: "application/json")],
            body: Array(#"{"out_trade_no":"1_1"}"#.utf8)
        )
    }
}
