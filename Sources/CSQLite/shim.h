// What Swift can't call of libsqlite3, because the function is variadic.

#pragma once
#include <sqlite3.h>

// SQLite counts every byte that it takes under a lock that all connections share. Nothing of ours asks for the counts.
// SQLITE_MISUSE, and no change, once a connection has been opened.
static inline int csqlite_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
