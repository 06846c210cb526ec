import StoreTestSupport

/// The schema as a database's own catalog tells it.
struct SchemaCatalog {
    let kind: StoreKind
    let tamper: any Tamper

    /// Tables that only processes on several machines need.
    static let ofPostgres: Set = [
        "change_times", "clock_shares", "commit_marks", "eras", "node_beats", "primary_terms", "row_locks",
    ]

    func tables() throws -> Set<String> {
        switch kind {
        case .sqlite:
            try names("SELECT name FROM pragma_table_list WHERE type = 'table'").filter { !$0.hasPrefix("sqlite_") }
        case .postgres:
            try names("SELECT relname FROM pg_class WHERE relkind = 'r' AND \(Self.isOurs("relnamespace"))")
                .subtracting(Self.ofPostgres)
        }
    }

    /// The columns that an insertion names, in order.
    func columns(of table: String) throws -> [String] {
        switch kind {
        case .sqlite: try tamper.texts("SELECT name FROM pragma_table_info('\(table)') ORDER BY cid")
        case .postgres:
            try tamper.texts(
                """
                SELECT column_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = '\(table)' AND is_generated = 'NEVER'
                    AND (table_name, column_name) NOT IN (
                        ('orders', 'era'), ('orders', 'changed_in'), ('events', 'era'), ('events', 'stored_in')
                    )
                ORDER BY ordinal_position
                """)
        }
    }

    /// The columns with their types and defaults, as in `deliveries.tries number not null default 0`.
    func columnRules() throws -> Set<String> {
        var found: Set<String> = []
        for table in try tables() {
            let columns = try columns(of: table).map { "'\($0)'" }.joined(separator: ", ")
            let sql =
                switch kind {
                case .sqlite:
                    """
                    SELECT '\(table).' || name || CASE type WHEN 'TEXT' THEN ' text' ELSE ' number' END
                        || CASE WHEN "notnull" OR pk > 0 THEN ' not null' ELSE '' END
                        || coalesce(' default ' || dflt_value, '')
                    FROM pragma_table_info('\(table)') WHERE name IN (\(columns))
                    """
                case .postgres:
                    """
                    SELECT '\(table).' || column_name
                        || CASE WHEN data_type = 'text' THEN ' text' WHEN data_type IN ('bigint', 'smallint') THEN ' number'
                            ELSE ' ' || data_type END
                        || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
                        || coalesce(' default ' || split_part(column_default, '::', 1), '')
                    FROM information_schema.columns
                    WHERE table_schema = current_schema() AND table_name = '\(table)' AND column_name IN (\(columns))
                    """
                }
            found.formUnion(try tamper.texts(sql))
        }
        return found
    }

    func checks() throws -> Set<String> {
        switch kind {
        case .sqlite:
            let tables = try tamper.texts("SELECT sql FROM sqlite_schema WHERE type = 'table'").joined()
            return Set(tables.matches(of: /CONSTRAINT (\w+) CHECK/).map { String($0.1) })
        case .postgres:
            // Those without a name of ours hold a table to one row.
            return try names(
                """
                SELECT conname FROM pg_constraint
                WHERE contype = 'c' AND conname NOT LIKE '%!_id!_check' ESCAPE '!' AND \(Self.isOurs("connamespace"))
                """)
        }
    }

    /// The triggers that both kinds have.
    func triggers() throws -> Set<String> {
        switch kind {
        case .sqlite: try names("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        case .postgres:
            try names("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").subtracting(["orders_note_their_change"])
        }
    }

    /// The names of unique indexes, without those of keys that have none of ours.
    func uniqueIndexes() throws -> Set<String> {
        switch kind {
        case .sqlite: try names("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE%'")
        case .postgres:
            try names(
                """
                SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                WHERE indisunique AND \(Self.isOurs("relnamespace"))
                    AND relname NOT LIKE '%!_pkey' ESCAPE '!' AND relname <> 'schema_migrations_name_key'
                """)
        }
    }

    /// As in `pages.trade_no -> attempts.trade_no`.
    func foreignKeys() throws -> Set<String> {
        switch kind {
        case .sqlite:
            var found: Set<String> = []
            for table in try tables() {
                found.formUnion(
                    try tamper.texts(
                        """
                        SELECT '\(table).' || "from" || ' -> ' || "table" || '.' || "to"
                        FROM pragma_foreign_key_list('\(table)')
                        """))
            }
            return found
        case .postgres:
            return try names(
                """
                SELECT format('%s.%s -> %s.%s', conrelid::regclass, here.attname, confrelid::regclass, there.attname)
                FROM pg_constraint, unnest(conkey, confkey) AS pairs (own, other), pg_attribute AS here, pg_attribute AS there
                WHERE contype = 'f' AND \(Self.isOurs("connamespace")) AND here.attrelid = conrelid
                    AND here.attnum = own AND there.attrelid = confrelid AND there.attnum = other
                """)
        }
    }

    private func names(_ sql: String) throws -> Set<String> { Set(try tamper.texts(sql)) }

    private static func isOurs(_ column: String) -> String { "\(column) = current_schema()::regnamespace" }
}
