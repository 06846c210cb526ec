-- Why: money that arrived is written down once, whatever it is, and what should not have come goes back once.
CREATE TABLE receipts (
    id INTEGER NOT NULL PRIMARY KEY,
    trade_no TEXT NOT NULL REFERENCES attempts (trade_no),
    channel TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    -- Amount, currency and time are the provider's words, unbounded: what isn't ours is disputed, never turned away.
    amount INTEGER NOT NULL,
    currency_code TEXT NOT NULL,
    paid_at INTEGER NOT NULL,
    names_our_account INTEGER NOT NULL,
    standing TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,

    CONSTRAINT receipts_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT receipts_transaction_id CHECK (length(transaction_id) BETWEEN 1 AND 255),
    CONSTRAINT receipts_names_our_account CHECK (names_our_account IN (0, 1)),
    CONSTRAINT receipts_standing CHECK (standing IN ('honest', 'duplicate', 'late', 'disputed')),
    CONSTRAINT receipts_foreign_are_disputed CHECK (standing = 'disputed' OR (names_our_account = 1 AND amount > 0)),
    CONSTRAINT receipts_recorded_at CHECK (recorded_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE UNIQUE INDEX receipts_one_for_transaction ON receipts (channel, transaction_id);

CREATE INDEX receipts_of_trade ON receipts (trade_no);

CREATE TRIGGER receipts_are_kept BEFORE DELETE ON receipts
BEGIN
    SELECT raise(ABORT, 'receipts_are_kept: proof of money is never deleted');
END;

-- Its standing alone may change: a person decides what is disputed.
CREATE TRIGGER receipts_say_what_they_said
BEFORE UPDATE OF id, trade_no, channel, transaction_id, amount, currency_code, paid_at, names_our_account, recorded_at
ON receipts
BEGIN
    SELECT raise(ABORT, 'receipts_say_what_they_said: proof of money never changes');
END;

CREATE TABLE refunds (
    id INTEGER NOT NULL PRIMARY KEY,
    number TEXT NOT NULL,
    trade_no TEXT NOT NULL REFERENCES attempts (trade_no),
    channel TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,

    -- Only money that arrived can go back.
    FOREIGN KEY (channel, transaction_id) REFERENCES receipts (channel, transaction_id),
    CONSTRAINT refunds_number CHECK (
        length(number) <= 64 AND substr(number, 1, length(trade_no) + 2) = trade_no || '_r'
    ),
    CONSTRAINT refunds_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT refunds_currency CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
    CONSTRAINT refunds_state CHECK (state IN ('pending', 'submitted', 'succeeded', 'failed')),
    CONSTRAINT refunds_created_at CHECK (created_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE UNIQUE INDEX refunds_one_for_number ON refunds (number);

CREATE UNIQUE INDEX refunds_one_for_transaction ON refunds (channel, transaction_id);

CREATE INDEX refunds_of_trade ON refunds (trade_no);

CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds
BEGIN
    SELECT raise(ABORT, 'refunds_are_kept: a refund is never forgotten');
END;

CREATE TRIGGER refunds_ask_for_what_they_asked
BEFORE UPDATE OF id, number, trade_no, channel, transaction_id, amount, currency, created_at ON refunds
BEGIN
    SELECT raise(ABORT, 'refunds_ask_for_what_they_asked: a refund is asked again as it was, only its state changes');
END;

-- A failed one can be tried again by hand; one that succeeded is over.
CREATE TRIGGER refunds_succeed_once BEFORE UPDATE OF state ON refunds
WHEN OLD.state = 'succeeded' AND NEW.state <> 'succeeded'
BEGIN
    SELECT raise(ABORT, 'refunds_succeed_once: money that went back is not sent again');
END;
