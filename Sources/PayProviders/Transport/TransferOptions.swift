import CCurl

/// What libcurl is told about a transfer, each with its reason.
enum TransferOptions {
    enum Option {
        case number(CURLoption, Int)
        case text(CURLoption, String)
        /// Takes away what libcurl was built with.
        case nothing(CURLoption)
        case body([UInt8])
    }

    /// What holds for every transfer.
    static func options(_ limits: CurlTransport.Limits, authorities: Authorities) -> [Option] {
        var options: [Option] = [
            // Many threads: no alarm signals.
            .number(CURLOPT_NOSIGNAL, 1),
            // The peer's chain and the host's name. These are libcurl's defaults; money doesn't rest on a default.
            .number(CURLOPT_SSL_VERIFYPEER, 1),
            .number(CURLOPT_SSL_VERIFYHOST, 2),
            .number(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            // One request on a connection at a time: a broken connection leaves one outcome unknown, not a hundred,
            // and HTTP/2's refused streams, which libcurl sends again, don't exist.
            .number(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            .number(CURLOPT_HTTP09_ALLOWED, 0),
            // A redirect would take a signed request to an address that nobody configured.
            .number(CURLOPT_FOLLOWLOCATION, 0),
            // The empty string: no proxy, not even one from http_proxy, https_proxy or all_proxy, which a base image
            // or a shell may set for other ends. An operator who wants one is to say so, in the settings.
            .text(CURLOPT_PROXY, ""),
            // No credentials from a .netrc file in the user's home.
            .number(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)),
            .number(CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            // A signature covers the path as it was written.
            .number(CURLOPT_PATH_AS_IS, 1),
            // The time for the name, the connection and the handshake. The total time is the loop's own (TransferLoop).
            .number(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeout.curlMilliseconds),
            .number(CURLOPT_MAXAGE_CONN, limits.idleConnectionSeconds),
            .number(CURLOPT_MAXLIFETIME_CONN, limits.connectionLifeSeconds),
        ]
        if let file = authorities.file { options.append(.text(CURLOPT_CAINFO, file)) }
        if authorities.areInOneFile { options.append(.nothing(CURLOPT_CAPATH)) }
        return options
    }

    /// What is this request's own.
    static func options(_ request: ProviderRequest) -> [Option] {
        var options: [Option] = [.text(CURLOPT_URL, request.url)]
        if request.hasBody { options.append(.body(request.body)) }
        // After the body, which makes the method POST.
        options.append(.text(CURLOPT_CUSTOMREQUEST, request.method.rawValue))
        return options
    }

    /// The headers given, and those of libcurl's own that are not wanted.
    static func headerLines(_ request: ProviderRequest) -> [String] {
        // In libcurl's notation "Name;" is a header without a value, and "Name:" takes away its own.
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        // No waiting for a "100 Continue": it costs a second where the server doesn't know it.
        lines.append("Expect:")
        // libcurl calls every body a form unless told otherwise.
        if request.hasBody, !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        return lines
    }
}

extension ProviderRequest {
    /// A POST or a PUT has a body even when it is empty, and says so with its length.
    fileprivate var hasBody: Bool {
        switch method {
        case .post, .put: true
        case .get, .delete: !body.isEmpty
        }
    }
}

extension Duration {
    /// In whole milliseconds, rounded up: to libcurl a zero means its own time-out of minutes.
    var curlMilliseconds: Int {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int(min(max(milliseconds, 1), Int64(Int32.max)))
    }
}
