import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// Random changes of valid requests. Each comes from a seed, so that a failure can be repeated.
@Suite(.timeLimit(.minutes(15))) struct MutationTests {
    /// Set this to the seed of a failure to repeat it.
    private static let seed = UInt64.random(in: 0...UInt64.max)
    private static let requests = 10_000

    @Test func `10,000 random mutations of valid requests cause no server error`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let seed = Self.seed
            let workers = 8
            let outcomes = try await concurrently(workers) { worker in
                var failures: [String] = []
                var statuses: Set<Int> = []
                for index in 0..<Self.requests / workers {
                    let name = "seed \(seed), worker \(worker), request \(index)"
                    var mutation = Mutation(seed: seed &+ UInt64(worker * Self.requests + index))
                    let request = mutation.request(of: service)
                    do {
                        let answer = Answer(try await service.client.transport.send(request))
                        statuses.insert(answer.status)
                        if !(200...499).contains(answer.status) { failures.append("\(name): \(answer.text)") }
                    } catch let error as TransportError where error.reach == .neverSent {
                        // The test's own client can't send that either.
                        continue
                    } catch {
                        failures.append("\(name): \(error)")
                    }
                }
                return (failures, statuses)
            }
            #expect(outcomes.flatMap(\.0) == [], "seed \(seed)")
            // The changes were varied: some requests succeeded, and others were refused for many reasons.
            let statuses = outcomes.reduce(into: Set<Int>()) { $0.formUnion($1.1) }
            #expect(statuses.isSuperset(of: [200, 201, 400, 401, 404, 405, 409, 415, 422]), "seed \(seed)")
            // The service still works.
            #expect(try await service.client.get("/readyz").status == 200)
            #expect(try await service.client.pay(Sample.body("the_last_order"), key: "the-last-key").status == 201)
        }
    }
}

/// A valid request and a random change of it.
private struct Mutation {
    private var random: SplitMix
    private static let texts: [JSONValue] = [
        .string(""), .string("\u{0}"), .string("\u{202E}x"), .string("💥"), .string(String(repeating: "x", count: 300)),
        .null, .bool(true), .integer(0), .integer(-1), .integer(.max), .decimal(1.5), .decimal(1e300), .array([]),
        .object([:]), .string("pc"), .string("sandbox"), .string("CNY"), .array([.object(["a": .null])]),
    ]

    init(seed: UInt64) {
        random = SplitMix(state: seed)
    }

    mutating func request(of service: TestService) -> ProviderRequest {
        var body = valid()
        if chance(2) { swapFields(&body) }
        if chance(2) { replaceField(&body) }
        var bytes = Array(body.text.utf8)
        if chance(2) { for _ in 0...below(4) { flip(&bytes) } }
        if chance(8) { bytes.removeLast(below(bytes.count)) }
        if chance(8) { bytes += bytes.prefix(below(bytes.count)) }
        var path = Array("/v1/payments".utf8)
        if chance(3) {
            path = Array("/v1/payments/\(Sample.number)/\(["repay", "page", "close", ""][below(4)])?terminal=pc".utf8)
        }
        if chance(4) { for _ in 0...below(3) { flip(&path) } }
        var headers = [
            Header(name: "Authorization", value: "Bearer \(TestService.keys[0])"),
            Header(name: "Content-Type", value: "application/json"),
            Header(name: "Idempotency-Key", value: "key-\(below(1_000))"), Header(name: "Accept", value: "*/*"),
        ]
        if chance(2) { mangle(&headers) }
        let method = [ProviderRequest.Method.post, .post, .post, .get, .put, .delete][below(6)]
        let rest = String(decoding: path, as: UTF8.self)
        return ProviderRequest(
            method: method, url: "http://127.0.0.1:\(service.port)/" + rest.drop { $0 == "/" }, headers: headers,
            body: bytes)
    }

    private mutating func valid() -> JSONValue {
        Sample.body("order_\(below(200))", ["expires_in": 600, "payer": ["client_ip": "203.0.113.7"]])
    }

    private mutating func swapFields(_ body: inout JSONValue) {
        var fields = body.fields
        let names = fields.keys.sorted()
        let (one, other) = (names[below(names.count)], names[below(names.count)])
        (fields[one], fields[other]) = (fields[other], fields[one])
        body = .object(fields)
    }

    private mutating func replaceField(_ body: inout JSONValue) {
        var fields = body.fields
        let names = fields.keys.sorted() + ["a/b", "fresh", ""]
        fields[names[below(names.count)]] = Self.texts[below(Self.texts.count)]
        body = .object(fields)
    }

    private mutating func flip(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
    }

    private mutating func mangle(_ headers: inout [Header]) {
        let index = below(headers.count)
        let header = headers[index]
        switch below(5) {
        case 0: headers.remove(at: index)
        case 1: headers.append(header)
        case 2: headers[index] = Header(name: header.name, value: headers[below(headers.count)].value)
        case 3: headers[index] = Header(name: header.name, value: String(repeating: header.value, count: below(9)))
        default:
            var value = Array(header.value.utf8)
            for _ in 0...below(3) { flip(&value) }
            headers[index] = Header(name: header.name, value: String(decoding: value, as: UTF8.self))
        }
    }

    private mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

    private mutating func below(_ bound: Int) -> Int {
        bound == 0 ? 0 : Int(random.next() % UInt64(bound))
    }
}
