-- Why: the readiness check makes a real write, because a full or read-only disk shows itself only then. It rewrites one row.
CREATE TABLE readiness (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    writes INTEGER NOT NULL
) STRICT;
