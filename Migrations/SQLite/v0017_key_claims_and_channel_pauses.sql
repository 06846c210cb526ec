-- Why: a key is claimed when its call begins, so that two processes never answer two requests under one key. A channel is
-- paused for every process at once.

-- The fence of the lease that the call works under; NULL once the call is answered. The claim ends with that lease.
ALTER TABLE idempotency_keys ADD COLUMN claimed_under INTEGER
    CONSTRAINT idempotency_keys_claimed_under CHECK (claimed_under BETWEEN 1 AND 1000000000000);

-- A claim is kept for 24 h from its instant: the key that it replaces was over by then.
CREATE TRIGGER idempotency_keys_stay_used BEFORE UPDATE ON idempotency_keys
WHEN OLD.claimed_under IS NULL AND NEW.claimed_under IS NOT NULL AND NEW.expires_at - 86400000 < OLD.expires_at
BEGIN
    SELECT raise(ABORT, 'idempotency_keys_stay_used: a key that was answered is not claimed while it is kept');
END;

CREATE TRIGGER idempotency_keys_mark_one_request BEFORE UPDATE ON idempotency_keys
WHEN OLD.claimed_under IS NOT NULL AND NEW.fingerprint IS NOT OLD.fingerprint AND EXISTS (
    SELECT 1 FROM attempts JOIN orders ON orders.number = attempts.order_number
    WHERE attempts.trade_no = OLD.trade_no AND orders.fence = OLD.claimed_under
        AND orders.lease_unanswered = 0 AND orders.lease_ends_at > NEW.expires_at - 86400000
)
BEGIN
    SELECT raise(ABORT, 'idempotency_keys_mark_one_request: another request is in flight under this key');
END;

-- The channels that make no new attempt.
CREATE TABLE channel_pauses (
    channel TEXT NOT NULL PRIMARY KEY,
    paused_at INTEGER NOT NULL,

    CONSTRAINT channel_pauses_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT channel_pauses_paused_at CHECK (paused_at BETWEEN 0 AND 253402300799999)
) STRICT, WITHOUT ROWID;
