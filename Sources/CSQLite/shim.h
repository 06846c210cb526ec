// What Swift can't call of libsqlite3, because the functions are variadic.

#pragma once
#include <sqlite3.h>

// SQLite counts every byte that it takes under a lock that all connections share. Nothing of ours asks for the counts.
// SQLITE_MISUSE, and no change, once a connection has been opened.
static inline int csqlite_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// Whether a connection keeps the schema's texts from being changed by SQL, as some builds of SQLite do unasked.
static inline int csqlite_guard_schema_texts(sqlite3 *connection, int guards) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, guards, (int *)0);
}
