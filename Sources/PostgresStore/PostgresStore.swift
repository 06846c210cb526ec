/// Storage in PostgreSQL.
enum PostgresStore {}
