import PayCore
import PayFlow
import Testing

@Suite struct DatabaseAddressTests {
    @Test(arguments: [
        ("postgresql://paypage:hunter2@db.example.com:5432/paypage", "postgresql://db.example.com:5432/paypage"),
        ("postgres://paypage@a:5432,b:5432/paypage?connect_timeout=2", "postgres://a:5432,b:5432/paypage"),
        ("postgresql://db/paypage?user=u&password=hunter2", "postgresql://db/paypage"),
        ("postgresql:///paypage?host=/run/postgresql", "postgresql:///paypage"),
        ("postgresql://[2001:db8::1]/x", "postgresql://[2001:db8::1]/x"),
        ("postgresql://", "postgresql://"),
    ])
    func `the address of a PostgreSQL server prints without user, password and options`(
        uri: String, shown: String
    ) throws {
        let address = try DatabaseAddress(parsing: uri)
        if case .postgres(let kept) = address { #expect(kept.reveal() == uri) }
        #expect(address.description == shown && "\(address)" == shown)
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains("hunter2") && !String(reflecting: address).contains("hunter2"))
    }

    @Test(arguments: [
        ("mysql://db/x", DatabaseAddressMistake.unknownScheme), ("paypage.sqlite", .unknownScheme),
        ("", .unknownScheme), ("sqlite:", .unknownScheme), ("sqlite::memory:", .notPath),
        ("sqlite://data/x.db", .notPath), ("postgresql://u:p@ss@db/x", .notURI), ("postgresql://u:p/w@db/x", .notURI),
        ("postgresql://db/x y", .notURI), ("postgresql://u:p#w@db/x", .notURI), ("postgresql://u:p?w@db/x", .notURI),
    ])
    func `any other text is refused, with the reason`(text: String, reason: DatabaseAddressMistake) {
        #expect(throws: reason) { try DatabaseAddress(parsing: text) }
    }
}
