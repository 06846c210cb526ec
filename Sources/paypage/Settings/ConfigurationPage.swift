/// The page docs/configuration.md, rendered from the table of settings.
enum ConfigurationPage {
    /// Settings that are read about together.
    struct Group {
        let title: String
        let introduction: String
        /// The first words of its keys: `http` for `http.port`.
        let prefixes: [String]

        var entries: [SettingReference] {
            Settings.reference.filter { entry in prefixes.contains { entry.key.hasPrefix("\($0).") } }
        }
    }

    static let groups = [
        Group(
            title: "Listener and public address",
            introduction: """
                TLS and HTTP/2 belong to a proxy in front, such as nginx or Caddy. List that proxy in \
                `http.trusted.proxies`, or all buyers share one rate limit.
                """, prefixes: ["http", "public", "reload"]),
        Group(
            title: "Database and cache",
            introduction: """
                The folder of an SQLite database must exist. The path is relative to the working directory. For PostgreSQL \
                and for more than one machine, read [Several machines](operations/several-machines.md).
                """, prefixes: ["database", "cluster", "cache", "fast"]),
        Group(
            title: "Access",
            introduction: """
                Make secrets with `openssl rand -hex 32`. A key or secret with a comma must be in the file, in a list: \
                `token.secret: ["a,b"]`. To replace a key, read [Rotation](operations/rotation.md). User tokens are refused when neither `user.jwt.secret` nor \
                `user.jwks.file` is set.
                """, prefixes: ["api", "token", "user"]),
        Group(
            title: "Checkout page and browsers", introduction: "A web origin is written as `https://shop.example.com`.",
            prefixes: ["return", "shop", "checkout", "cors"]),
        Group(
            title: "Orders and pages",
            introduction: """
                With `deadline.policy = reserve`, `order.ttl` must be longer than `deadline.margin`. \
                `repay.mode = provider` cannot be combined with `alipay.pc.method = precreate`.
                """, prefixes: ["order", "deadline", "repay", "switch"]),
        Group(
            title: "Provider calls",
            introduction: "`provider.connect.timeout` may not be longer than `provider.timeout`.",
            prefixes: ["provider"]),
        Group(
            title: "Channels",
            introduction: """
                A channel is an account at a provider. The first five keys exist for each channel NAME: 1 to 32 of `a-z`, `0-9` \
                and `_`, the first a letter, and not `order`.

                Every key of a provider exists for each channel of that provider: `alipay.app.id` is \
                `channels.NAME.app.id`, with the variable `PAYPAGE_CHANNELS_NAME_APP_ID`. The keys `alipay.…`, \
                `wechat.…` and `stripe.…` are the short form of `channels.alipay.…`, `channels.wechat.…` and \
                `channels.stripe.…`, whose provider need not be set. A key may be set in one of its forms only. In a \
                variable, the longest known key at the end counts: `PAYPAGE_CHANNELS_ALIPAY_EU_APP_ID` is \
                `channels.alipay_eu.app.id`. See [Several accounts](operations/channels.md).
                """,
            prefixes: ["channels"]),
        Group(
            title: "Alipay",
            introduction: """
                A channel needs the application id, its private key, and Alipay's public key. In certificate mode it \
                needs the three certificate files instead of the public key. RSA keys have 2048 bits or more.
                """,
            prefixes: ["alipay"]),
        Group(
            title: "WeChat Pay",
            introduction: """
                A channel needs the merchant number, the app id, the serial number, the private key and the APIv3 key. It \
                also needs the public key with its id, or `wechat.platform.certificates = true`. `public.url` must be \
                https.
                """, prefixes: ["wechat"]),
        Group(
            title: "Stripe", introduction: "A channel needs `stripe.secret.key` and `stripe.webhook.secret`.",
            prefixes: ["stripe"]),
        Group(
            title: "Reconciliation",
            introduction: """
                [Reconciliation](operations/reconciliation.md) fetches the bill of each channel. Set \
                `reconcile.foreign = ignore` if another Paypage uses the same account.
                """, prefixes: ["reconcile"]),
        Group(
            title: "Backup and privacy",
            introduction: """
                [Backup](operations/backup.md) describes the copies, and [privacy](operations/privacy.md) the blanking.
                """, prefixes: ["backup", "privacy"]),
        Group(
            title: "Console",
            introduction: """
                [The console](operations/console.md) shows orders and work lists to operators, and lets them act. \
                Operators are added by `paypage operators add`.
                """, prefixes: ["console"]),
        Group(
            title: "Webhooks to the shop",
            introduction: """
                An endpoint has a URL and a secret: set both, or neither. `webhook.url` is the URL of the endpoint `default`. \
                Further endpoints have a NAME of their own: 1 to 32 of `a-z`, `0-9` and `_`, the first a letter. Make a \
                secret with `echo whsec_$(openssl rand -base64 32)`. With several secrets, a webhook has a signature of \
                each. See [Webhooks](webhooks.md).
                """,
            prefixes: ["webhook"]),
        Group(
            title: "Traces", introduction: "See [monitoring](operations/monitoring.md#traces).", prefixes: ["tracing"]),
        Group(
            title: "Sandbox provider",
            introduction: """
                The sandbox is for tests and moves no money. Without `--dev` it is a process of its own: \
                `paypage sandbox --port 9000`. A channel with `channels.NAME.provider = sandbox` uses these keys \
                where it has none of its own.
                """, prefixes: ["sandbox"]),
    ]

    static let text =
        introduction
        + groups.map { group in
            let rows = group.entries.map(row).joined(separator: "\n")
            return """

                ## \(group.title)

                \(group.introduction)

                | key and variable | default | meaning |
                |---|---|---|
                \(rows)

                """
        }.joined()

    private static func row(_ entry: SettingReference) -> String {
        let kinds = [entry.isList ? "list" : nil, entry.isSecret ? "secret" : nil].compactMap { $0 }
        let kind = kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))"
        let standard = entry.standard.map { "`\($0)`" } ?? ""
        let meaning = entry.meaning.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        return "| `\(entry.key)`<br>`\(entry.variable)` | \(standard) | \(meaning)\(kind) |"
    }

    private static let introduction = """
        # Configuration

        <!-- Rendered from the table of settings. To renew it: swift run paypage settings >docs/configuration.md -->

        `paypage serve` reads its settings at the start, and at each [reload](operations/rotation.md#reload), from two sources:

        1. variables `PAYPAGE_…` of the environment;
        2. the YAML or JSON file that `--config` names.

        A variable overrides the file. In the file, a key is written with its dots (`http.port: 8080`) or nested \
        (`http: {port: 8080}`). The sample [deploy/paypage.yaml](../deploy/paypage.yaml) has the keys of a usual installation.

        - `paypage doctor` checks the settings, the keys, the clock and the providers' accounts, and changes nothing.
        - A start with mistakes in the settings fails, and lists all of them with what to do.
        - A key that this version does not know is a mistake.
        - A channel is configured whole or not at all. A start with a part of its keys fails.
        - A channel's name stands in stored orders. The name of a channel with orders keeps its provider.
        - At least one channel is required: Alipay, WeChat Pay, Stripe or the sandbox.
        - `--dev` generates missing secrets, mounts the sandbox, and listens on loopback only.

        How values are written:

        - Durations have units: `500ms`, `30s`, `1h30m`, `15d`.
        - Lists are separated by commas in a variable. A file may have a YAML list.
        - White space around a value is ignored. A secret that begins or ends with a quotation mark stops the start.
        - Key files hold PEM or bare base64. Private keys are PKCS#1 or PKCS#8 without a passphrase.
        - Provider URLs are https, or http on loopback.

        """
}
