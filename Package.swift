// swift-tools-version: 6.2
// The map of Paypage: each target answers one question, and depends on inner targets only.

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// How the program that is shipped is linked: Swift's libraries are inside it, without what it never calls, its calls of them
/// go by no table, and what the loader has to read and write at a start takes a tenth of the room. It is at rest in a fifth
/// less memory. The last four are libraries that Foundation needs, which the compiler names for shared libraries alone.
let asOneFile =
    ["-static-stdlib", "-use-ld=lld"]
    + ["-z", "pack-relative-relocs", "--no-export-dynamic", "--exclude-libs=ALL"].flatMap { ["-Xlinker", $0] }
    + ["-lCoreFoundation", "-l_FoundationICU", "-l_FoundationCollections", "-l_FoundationCShims"]

let package = Package(
    name: "paypage",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "paypage", targets: ["paypage"])
    ],
    // Exact, because Package.resolved is not committed. Indirect dependencies follow the ranges of these packages.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        // Values and rules. Synchronous; imports nothing.
        .target(name: "PayCore", swiftSettings: strict),

        // Use cases against ports: a folder per use case.
        .target(name: "PayFlow", dependencies: ["PayCore"], swiftSettings: strict),

        // The schema's history as SQL, embedded in the binary.
        .target(
            name: "Migrations",
            dependencies: ["PayCore", .product(name: "Crypto", package: "swift-crypto")],
            path: "Migrations",
            resources: [.embedInCode("Postgres"), .embedInCode("SQLite")],
            swiftSettings: strict
        ),

        // The part of a store that is the same for each database: changes, history. Knows no SQL.
        .target(name: "PayRecords", dependencies: ["PayCore", "PayFlow"], swiftSettings: strict),

        // The tables and statements of both databases, against a connection to either.
        .target(
            name: "LedgerSQL",
            dependencies: [
                "PayCore", "PayFlow", "PayRecords",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),

        // Storage in SQLite.
        .target(
            name: "SQLiteStore",
            dependencies: [
                "CLinux", "CSQLite", "LedgerSQL", "Migrations", "PayCore", "PayFlow",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),

        // Storage in PostgreSQL, for several processes on several machines.
        .target(
            name: "PostgresStore",
            dependencies: [
                "CPQ", "LedgerSQL", "Migrations", "PayCore", "PayFlow", "PayRecords",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),

        // libpq, PostgreSQL's client library.
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        // libsqlite3, and the few C functions that Swift can't call because they are variadic.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        // The providers: a folder per provider with the same files in each, and the transport over libcurl.
        .target(
            name: "PayProviders",
            dependencies: [
                "CCurl", "CZlib", "PayCore", "PayFlow",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict
        ),

        // libcurl, and the few C functions that Swift can't call because they are variadic.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // The system calls that Swift can't call because they are variadic.
        .systemLibrary(name: "CLinux"),

        // zlib, for the providers' bills and the checkout page.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // QR codes as SVG and PNG. Knows nothing of orders.
        .target(name: "QRDrawing", dependencies: ["CPNG", "CQREncode"], swiftSettings: strict),

        // libqrencode makes the modules, libpng the picture of them.
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),

        // Logs, metrics, and the identifier of a request.
        .target(
            name: "PayTelemetry",
            dependencies: [
                "PayCore", "PayFlow",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),

        // Callers and their limits: API keys, tokens, passwords, rate limits, client addresses. Knows no routes.
        .target(
            name: "PayAccess",
            dependencies: [
                "PayCore", "PayFlow",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ],
            swiftSettings: strict
        ),

        // Live pages in memory, and their invalidation.
        .target(
            name: "PayCache",
            dependencies: [
                "PayCore", "PayFlow",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),

        // The HTTP API: routes, parsing, responses, problems, events.
        .target(
            name: "PayAPI",
            dependencies: [
                "PayAccess", "PayCache", "PayCore", "PayFlow", "PayTelemetry", "QRDrawing",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("OpenAPI/openapi.yaml")
            ],
            swiftSettings: strict
        ),

        // The hosted checkout page. The API does not know it.
        .target(
            name: "PayCheckout",
            dependencies: [
                "CZlib", "PayAPI", "PayAccess", "PayCore", "PayFlow", "PayTelemetry", "QRDrawing",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [
                .embedInCode("Page/checkout.css"),
                .embedInCode("Page/checkout.js"),
                .embedInCode("Page/checkout.mustache"),
                .embedInCode("Page/checkout.svg"),
            ],
            swiftSettings: strict
        ),

        // The operators' console: sign-in, pages, actions. The API does not know it.
        .target(
            name: "PayConsole",
            dependencies: [
                "PayAPI", "PayAccess", "PayCore", "PayFlow", "PayTelemetry", "QRDrawing",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [
                .embedInCode("Page/account.mustache"),
                .embedInCode("Page/blocks.mustache"),
                .embedInCode("Page/codes.mustache"),
                .embedInCode("Page/console.css"),
                .embedInCode("Page/console.js"),
                .embedInCode("Page/console.svg"),
                .embedInCode("Page/invitation.mustache"),
                .embedInCode("Page/layout.mustache"),
                .embedInCode("Page/message.mustache"),
                .embedInCode("Page/signin.mustache"),
                .embedInCode("Page/trends.mustache"),
            ],
            swiftSettings: strict
        ),

        // The HTTP/1 listener, its limits, and the protocol of a byte lane. It depends on PayAPI for problems alone: a request
        // that it refuses is answered like any other.
        .target(
            name: "FrontDoor",
            dependencies: [
                "CLinux", "PayAPI", "PayCore", "PayFlow", "PayTelemetry",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ],
            swiftSettings: strict
        ),

        // The byte lane, which answers requests for cached pages. Optional.
        .target(
            name: "FastLane",
            dependencies: [
                "FrontDoor", "PayAPI", "PayAccess", "PayCache", "PayCore", "PayFlow", "PayTelemetry",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),

        // The loop that runs the clock jobs, and the services that run side by side.
        .target(
            name: "PayJobs",
            dependencies: [
                "PayFlow",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // The sandbox provider, to try the product and to test it. Never mounted without --dev.
        .target(
            name: "SandboxServer",
            dependencies: [
                "PayCore", "PayFlow", "PayProviders",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // The program: a file per subcommand, the settings, the wiring.
        .executableTarget(
            name: "paypage",
            dependencies: [
                "FastLane", "FrontDoor", "LedgerSQL", "Migrations", "PayAPI", "PayAccess", "PayCache", "PayCheckout",
                "PayConsole", "PayCore", "PayFlow", "PayJobs", "PayProviders", "PayTelemetry", "PostgresStore",
                "SQLiteStore",
                "SandboxServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(asOneFile, .when(platforms: [.linux], configuration: .release))]
        ),

        // The app on a phone, as a program. An example that the stories run.
        .executableTarget(
            name: "mobile-client",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Examples/mobile-client",
            exclude: ["README.md"],
            swiftSettings: strict
        ),

        // Shared by test targets: the suites that every ledger and every provider must pass, and a clock.
        .target(
            name: "PayTestSupport",
            dependencies: ["PayCore", "PayFlow", .product(name: "Crypto", package: "swift-crypto")],
            path: "Tests/PayTestSupport",
            swiftSettings: strict
        ),
        // Alipay, WeChat Pay and Stripe on loopback, and the suite that every adapter passes against its counterpart. They
        // share no code with the adapters.
        .target(
            name: "ProviderFakes",
            dependencies: [
                "CZlib", "PayCore", "PayFlow", "PayTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            path: "Tests/ProviderFakes",
            swiftSettings: strict
        ),
        .testTarget(name: "PayCoreTests", dependencies: ["PayCore"], swiftSettings: strict),
        .testTarget(
            name: "PayFlowTests",
            dependencies: ["PayCore", "PayFlow", "PayTestSupport", "StoreTestSupport"],
            swiftSettings: strict
        ),
        // A database of each kind for a test. PostgreSQL's server is started once for a run of the tests.
        .target(
            name: "StoreTestSupport",
            dependencies: [
                "CPQ", "Migrations", "PayCore", "PayFlow", "PostgresStore", "SQLiteStore",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/StoreTestSupport",
            swiftSettings: strict
        ),
        // The tests that every store passes.
        .testTarget(
            name: "StoreTests",
            dependencies: ["PayCore", "PayFlow", "PayRecords", "PayTestSupport", "StoreTestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PostgresStoreTests",
            dependencies: [
                "CPQ", "LedgerSQL", "Migrations", "PayCore", "PayFlow", "PayTestSupport", "PostgresStore",
                "StoreTestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SQLiteStoreTests",
            dependencies: [
                "CLinux", "LedgerSQL", "Migrations", "PayCore", "PayFlow", "PayRecords", "SQLiteStore",
                "StoreTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayProvidersTests",
            dependencies: [
                "CCurl", "PayCore", "PayFlow", "PayProviders", "PayTestSupport", "ProviderFakes", "SandboxServer",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "QRDrawingTests", dependencies: ["QRDrawing"], swiftSettings: strict),
        .testTarget(
            name: "SandboxServerTests",
            dependencies: [
                "PayCore", "PayFlow", "PayProviders", "PayTestSupport", "SandboxServer",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        // Shared by the tests of the server's targets: the whole service on loopback, and clients of it.
        .target(
            name: "ServiceTestSupport",
            dependencies: [
                "FastLane", "FrontDoor", "PayAPI", "PayAccess", "PayCache", "PayCheckout", "PayCore", "PayFlow",
                "PayJobs", "PayProviders", "PayTelemetry", "PayTestSupport", "SQLiteStore", "SandboxServer",
                "StoreTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/ServiceTestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayTelemetryTests",
            dependencies: [
                "PayCore", "PayFlow", "PayTelemetry", "ServiceTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayAccessTests",
            dependencies: [
                "PayAccess", "PayCore", "ServiceTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayCacheTests",
            dependencies: [
                "PayCache", "PayCore", "PayFlow", "ServiceTestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayAPITests",
            dependencies: [
                "LedgerSQL", "PayAPI", "PayAccess", "PayCache", "PayCheckout", "PayCore", "PayFlow", "PayJobs",
                "PayProviders",
                "PayTelemetry", "PayTestSupport", "QRDrawing", "SQLiteStore", "ServiceTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayCheckoutTests",
            dependencies: [
                "PayAccess", "PayCache", "PayCheckout", "PayCore", "PayFlow", "PayProviders", "PayTestSupport",
                "ServiceTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayConsoleTests",
            dependencies: [
                "PayAPI", "PayAccess", "PayConsole", "PayCore", "PayFlow", "PayProviders", "PayTelemetry",
                "PayTestSupport", "ServiceTestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FrontDoorTests",
            dependencies: [
                "FastLane", "FrontDoor", "PayAPI", "PayCore", "PayTestSupport", "ServiceTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FastLaneTests",
            dependencies: [
                "FastLane", "FrontDoor", "PayAPI", "PayCache", "PayCore", "PayFlow", "PayProviders", "PayTelemetry",
                "PayTestSupport", "ServiceTestSupport", "StoreTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PayJobsTests",
            dependencies: [
                "PayCore", "PayFlow", "PayJobs", "PayTestSupport", "ServiceTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PaypageTests",
            dependencies: [
                "LedgerSQL", "PayAPI", "PayConsole", "PayAccess", "PayCheckout", "PayCore", "PayFlow", "PayProviders",
                "PayTelemetry",
                "PayTestSupport",
                "PostgresStore",
                "ProviderFakes", "SQLiteStore", "StoreTestSupport", "paypage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),

        // Simulated worlds from seeds, over the real flows and the real ledger. The executable is a process of its own,
        // because a world replaces the executor of the whole process.
        .target(
            name: "Simulator",
            dependencies: ["PayCore", "PayFlow", "PostgresStore", "SQLiteStore"],
            path: "Tests/Simulator",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "simulate",
            dependencies: ["Simulator", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/Simulate",
            swiftSettings: strict
        ),
        // Measures a store without the service around it, for script/bench.
        .executableTarget(
            name: "store-bench",
            dependencies: [
                "PayCore", "PayFlow", "PostgresStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/StoreBench",
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulatorTests",
            dependencies: ["PayCore", "PayFlow", "Simulator", "StoreTestSupport", "simulate"],
            swiftSettings: strict
        ),

        // The whole process: two terminals, kill and restart, two processes on one file.
        .testTarget(
            name: "StoryTests",
            dependencies: [
                "LedgerSQL", "PayCore", "PayFlow", "PayProviders", "PayTestSupport",
                "ProviderFakes", "SQLiteStore", "mobile-client", "paypage",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
