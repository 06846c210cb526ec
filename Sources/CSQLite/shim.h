// Functions of libsqlite3 that Swift can't call, because they are variadic.

#pragma once
#include <sqlite3.h>

// Switches off SQLite's statistics of its memory, which all connections count under one lock. Nothing of ours reads them.
// Returns SQLITE_MISUSE, and changes nothing, after a connection was opened.
static inline int csqlite_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// The size up to which the journal of a statement stays in memory, in one piece. Same preconditions and result.
static inline int csqlite_statement_journal(int bytes) { return sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, bytes); }
