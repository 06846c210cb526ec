import CCurl

/// The libcurl options of a transfer, each with its reason.
enum TransferOptions {
    enum Option {
        case number(CURLoption, Int)
        case text(CURLoption, String)
        /// Clears a default that is built into libcurl.
        case nothing(CURLoption)
        case body([UInt8])
    }

    /// Options for every transfer.
    static func options(_ limits: CurlTransport.Limits, authorities: Authorities) -> [Option] {
        var options: [Option] = [
            // No signals for time-outs, because the process has many threads.
            .number(CURLOPT_NOSIGNAL, 1),
            // Verifies the peer's chain and the host name. These are libcurl's defaults, set explicitly because money
            // depends on them.
            .number(CURLOPT_SSL_VERIFYPEER, 1),
            .number(CURLOPT_SSL_VERIFYHOST, 2),
            .number(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            // HTTP/1.1, one request at a time per connection. A broken connection then leaves one unknown outcome, not
            // a hundred. HTTP/2's refused streams, which libcurl retries, do not exist.
            .number(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            .number(CURLOPT_HTTP09_ALLOWED, 0),
            // A redirect would send a signed request to an address that is not configured.
            .number(CURLOPT_FOLLOWLOCATION, 0),
            // The empty string disables all proxies, including those of http_proxy, https_proxy and all_proxy. A base
            // image or a shell may set these variables for other purposes.
            .text(CURLOPT_PROXY, ""),
            // Ignores credentials in a .netrc file in the user's home.
            .number(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)),
            .number(CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            // Keeps `.` and `..` in the path, because a signature covers the path as written.
            .number(CURLOPT_PATH_AS_IS, 1),
            // The time-out for name resolution, connection and handshake. `TransferLoop` enforces the total time-out.
            .number(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeout.curlMilliseconds),
            .number(CURLOPT_MAXAGE_CONN, limits.idleConnectionSeconds),
            .number(CURLOPT_MAXLIFETIME_CONN, limits.connectionLifeSeconds),
        ]
        if limits.leastBytesPerSecond > 0, limits.slowSeconds > 0 {
            options.append(.number(CURLOPT_LOW_SPEED_LIMIT, limits.leastBytesPerSecond))
            options.append(.number(CURLOPT_LOW_SPEED_TIME, limits.slowSeconds))
        }
        if let file = authorities.file { options.append(.text(CURLOPT_CAINFO, file)) }
        if authorities.areInOneFile { options.append(.nothing(CURLOPT_CAPATH)) }
        return options
    }

    /// Options that depend on the request.
    static func options(_ request: ProviderRequest) -> [Option] {
        var options: [Option] = [.text(CURLOPT_URL, request.url)]
        if request.hasBody { options.append(.body(request.body)) }
        // Set after the body, because setting the body changes the method to POST.
        options.append(.text(CURLOPT_CUSTOMREQUEST, request.method.rawValue))
        return options
    }

    /// The request's headers, and entries that suppress libcurl's own headers.
    static func headerLines(_ request: ProviderRequest) -> [String] {
        // In libcurl's notation "Name;" is a header with an empty value, and "Name:" removes libcurl's own header.
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        // Disables "Expect: 100-continue", which costs a second with servers that do not support it.
        lines.append("Expect:")
        // libcurl's default content type for a body is that of a form.
        if request.hasBody, !request.headers.contains(where: { $0.name.isHeader("Content-Type") }) {
            lines.append("Content-Type:")
        }
        return lines
    }
}

extension ProviderRequest {
    /// A POST or a PUT always has a body and a `Content-Length`, even when the body is empty.
    fileprivate var hasBody: Bool {
        switch method {
        case .post, .put: true
        case .get, .delete: !body.isEmpty
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up: zero selects libcurl's own time-out, which is minutes long.
    var curlMilliseconds: Int {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int(min(max(milliseconds, 1), Int64(Int32.max)))
    }
}
