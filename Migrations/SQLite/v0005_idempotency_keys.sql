-- Why: the same call made twice has the same outcome; a key refers to what happened, and never holds a page.
CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    trade_no TEXT NOT NULL REFERENCES attempts (trade_no),
    made_order INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,

    PRIMARY KEY (scope, key),
    -- A caller, a method and a path: a user id of 512 scalars is the longest part.
    CONSTRAINT idempotency_keys_scope CHECK (length(scope) BETWEEN 1 AND 2048),
    CONSTRAINT idempotency_keys_key CHECK (length(key) BETWEEN 1 AND 255 AND key NOT GLOB '*[^!-~]*'),
    CONSTRAINT idempotency_keys_fingerprint CHECK (length(fingerprint) BETWEEN 1 AND 256),
    CONSTRAINT idempotency_keys_made_order CHECK (made_order IN (0, 1)),
    CONSTRAINT idempotency_keys_expires_at CHECK (expires_at BETWEEN 0 AND 253402300799999)
) STRICT, WITHOUT ROWID;

-- What an expired key would be purged by.
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
