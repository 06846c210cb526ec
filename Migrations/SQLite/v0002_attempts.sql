-- Why: at most one attempt of an order is creating, open or closing, and a request is sent again as it was stored.
CREATE TABLE attempts (
    trade_no TEXT NOT NULL PRIMARY KEY,
    order_number TEXT NOT NULL REFERENCES orders (number),
    sequence INTEGER NOT NULL,
    channel TEXT NOT NULL,
    terminal TEXT NOT NULL,
    -- Empty where the provider binds the trade to no payer.
    openid TEXT NOT NULL,
    client_ip TEXT,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    subject TEXT NOT NULL,
    provider_deadline INTEGER NOT NULL,
    notify_url TEXT NOT NULL,
    return_url TEXT,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    state_since INTEGER NOT NULL,
    tries INTEGER,
    first_unknown_at INTEGER,
    recover_at INTEGER,
    close_unanswered_at INTEGER,
    session_ends_at INTEGER,

    -- 32, because a provider takes no longer number.
    CONSTRAINT attempts_trade_no CHECK (trade_no = order_number || '_' || sequence AND length(trade_no) <= 32),
    CONSTRAINT attempts_sequence CHECK (sequence >= 1),
    CONSTRAINT attempts_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT attempts_terminal CHECK (terminal IN ('pc', 'h5', 'app', 'jsapi')),
    CONSTRAINT attempts_payer CHECK (length(openid) <= 512 AND ifnull(length(client_ip) BETWEEN 1 AND 128, 1)),
    CONSTRAINT attempts_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT attempts_currency CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
    CONSTRAINT attempts_subject CHECK (length(subject) BETWEEN 1 AND 508),
    CONSTRAINT attempts_urls CHECK (
        length(notify_url) BETWEEN 1 AND 8192 AND ifnull(length(return_url) BETWEEN 1 AND 8192, 1)
    ),
    CONSTRAINT attempts_times CHECK (
        provider_deadline BETWEEN 0 AND 253402300799999 AND created_at BETWEEN 0 AND 253402300799999
        AND state_since BETWEEN 0 AND 253402300799999 AND ifnull(session_ends_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT attempts_state CHECK (
        state IN ('creating', 'open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid')
    ),
    CONSTRAINT attempts_tries CHECK (
        (state = 'creating') = (tries IS NOT NULL) AND ifnull(tries BETWEEN 1 AND 1000000, 1)
    ),
    CONSTRAINT attempts_first_unknown_at CHECK (
        first_unknown_at IS NULL OR (state = 'creating' AND first_unknown_at BETWEEN 0 AND 253402300799999)
    ),
    CONSTRAINT attempts_recover_at CHECK (
        (state IN ('creating', 'closing')) = (recover_at IS NOT NULL)
        AND ifnull(recover_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT attempts_close_unanswered_at CHECK (
        close_unanswered_at IS NULL
        OR (state IN ('closing', 'exposed') AND close_unanswered_at BETWEEN 0 AND 253402300799999)
    )
) STRICT;

CREATE INDEX attempts_in_order ON attempts (order_number, sequence);

-- The rule of the house.
CREATE UNIQUE INDEX attempts_one_live ON attempts (order_number) WHERE state IN ('creating', 'open', 'closing');

CREATE INDEX attempts_to_recover ON attempts (recover_at, order_number) WHERE recover_at IS NOT NULL;

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts
BEGIN
    SELECT raise(ABORT, 'attempts_are_kept: a trade that a provider knows is never forgotten');
END;

CREATE TRIGGER attempts_send_what_they_sent
BEFORE UPDATE OF trade_no, order_number, sequence, channel, terminal, openid, client_ip, amount, currency, subject,
    provider_deadline, notify_url, return_url, created_at ON attempts
WHEN NEW.trade_no IS NOT OLD.trade_no OR NEW.order_number IS NOT OLD.order_number OR NEW.sequence IS NOT OLD.sequence
    OR NEW.channel IS NOT OLD.channel OR NEW.terminal IS NOT OLD.terminal OR NEW.openid IS NOT OLD.openid
    OR NEW.client_ip IS NOT OLD.client_ip OR NEW.amount IS NOT OLD.amount OR NEW.currency IS NOT OLD.currency
    OR NEW.subject IS NOT OLD.subject OR NEW.provider_deadline IS NOT OLD.provider_deadline
    OR NEW.notify_url IS NOT OLD.notify_url OR NEW.return_url IS NOT OLD.return_url
    OR NEW.created_at IS NOT OLD.created_at
BEGIN
    SELECT raise(ABORT, 'attempts_send_what_they_sent: a stored request never changes');
END;

-- The moves of the table in the design, and no other: AttemptStateName.mayBecome says the same.
CREATE TRIGGER attempts_move_by_the_table BEFORE UPDATE OF state ON attempts
WHEN NEW.state <> OLD.state AND NOT CASE OLD.state
    WHEN 'creating' THEN NEW.state IN ('open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid')
    WHEN 'open' THEN NEW.state IN ('closing', 'closed', 'lapsed', 'paid')
    WHEN 'closing' THEN NEW.state IN ('exposed', 'closed', 'lapsed', 'paid')
    WHEN 'exposed' THEN NEW.state IN ('open', 'closing', 'closed', 'lapsed', 'paid')
    WHEN 'closed' THEN NEW.state = 'paid'
    WHEN 'failed' THEN NEW.state = 'paid'
    WHEN 'lapsed' THEN NEW.state = 'paid'
    ELSE FALSE
END
BEGIN
    SELECT raise(ABORT, 'attempts_move_by_the_table: no such move');
END;
