-- Why: for each list of three or more that a CHECK looks into, SQLite makes a table of its own, at every row. Ten such
-- tables cost a row of the history ten times what it costs itself: the same rules as comparisons, on the same rows.
CREATE TABLE history_anew (
    -- Later facts have higher ids: within a millisecond they are told in this order.
    id INTEGER NOT NULL PRIMARY KEY,
    order_number TEXT NOT NULL REFERENCES orders (number),
    trade_no TEXT REFERENCES attempts (trade_no),
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    -- What the user wished, what an attempt was opened for, or whom a page was made for.
    channel TEXT,
    terminal TEXT,
    -- A provider call, and the provider's word in ours.
    operation TEXT,
    answer TEXT,
    -- Of an attempt, an order or a refund, as `what` says.
    old_state TEXT,
    new_state TEXT,
    page_kind TEXT,
    page_expires_at INTEGER,
    refund_number TEXT,
    fence INTEGER,

    CONSTRAINT history_what CHECK (
        what = 'made' OR what = 'asked' OR what = 'close_asked' OR what = 'called' OR what = 'attempt_began'
        OR what = 'attempt_moved' OR what = 'page_minted' OR what = 'page_ended' OR what = 'taken_over'
        OR what = 'moved' OR what = 'refund_written' OR what = 'refund_moved'
    ),
    CONSTRAINT history_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT history_trade_no CHECK (
        (what = 'called' OR what = 'attempt_began' OR what = 'attempt_moved' OR what = 'page_minted'
            OR what = 'page_ended' OR what = 'refund_written' OR what = 'refund_moved') = (trade_no IS NOT NULL)
        AND ifnull(substr(trade_no, 1, length(order_number) + 1) = order_number || '_', 1)
    ),
    CONSTRAINT history_channel CHECK (
        (what IN ('asked', 'attempt_began')) = (channel IS NOT NULL)
        AND ifnull(
            length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*', 1
        )
    ),
    CONSTRAINT history_terminal CHECK (
        (what = 'asked' OR what = 'attempt_began' OR what = 'page_minted' OR what = 'page_ended')
            = (terminal IS NOT NULL)
        AND ifnull(terminal = 'pc' OR terminal = 'h5' OR terminal = 'app' OR terminal = 'jsapi', 1)
    ),
    CONSTRAINT history_call CHECK (
        (what = 'called') = (operation IS NOT NULL) AND (what = 'called') = (answer IS NOT NULL)
        AND ifnull(operation = 'create' OR operation = 'query' OR operation = 'close' OR operation = 'refund', 1)
        AND ifnull(length(answer) BETWEEN 1 AND 200, 1)
    ),
    CONSTRAINT history_states CHECK (
        (what IN ('attempt_moved', 'refund_moved')) = (old_state IS NOT NULL)
        AND (what = 'attempt_moved' OR what = 'moved' OR what = 'refund_written' OR what = 'refund_moved')
            = (new_state IS NOT NULL)
        AND ifnull(old_state = 'creating' OR old_state = 'open' OR old_state = 'closing'
            OR old_state = 'exposed' OR old_state = 'closed' OR old_state = 'failed' OR old_state = 'lapsed'
            OR old_state = 'paid' OR old_state = 'pending' OR old_state = 'submitted' OR old_state = 'succeeded', 1)
        AND ifnull(new_state = 'creating' OR new_state = 'open' OR new_state = 'closing'
            OR new_state = 'exposed' OR new_state = 'closed' OR new_state = 'failed' OR new_state = 'lapsed'
            OR new_state = 'paid' OR new_state = 'expired' OR new_state = 'pending' OR new_state = 'submitted'
            OR new_state = 'succeeded', 1)
    ),
    CONSTRAINT history_page CHECK (
        (what = 'page_minted') = (page_kind IS NOT NULL) AND (what = 'page_minted') = (page_expires_at IS NOT NULL)
        AND ifnull(page_kind = 'html' OR page_kind = 'qr' OR page_kind = 'redirect' OR page_kind = 'sdk', 1)
        AND ifnull(page_expires_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT history_refund_number CHECK (
        (what IN ('refund_written', 'refund_moved')) = (refund_number IS NOT NULL)
        AND ifnull(length(refund_number) BETWEEN 1 AND 64, 1)
    ),
    CONSTRAINT history_fence CHECK (
        (what = 'taken_over') = (fence IS NOT NULL) AND ifnull(fence BETWEEN 0 AND 1000000000000, 1)
    )
) STRICT;

INSERT INTO history_anew (
    id, order_number, trade_no, at, what, channel, terminal, operation, answer, old_state, new_state, page_kind,
    page_expires_at, refund_number, fence
)
SELECT id, order_number, trade_no, at, what, channel, terminal, operation, answer, old_state, new_state, page_kind,
    page_expires_at, refund_number, fence
FROM history ORDER BY id;

DROP TABLE history;

ALTER TABLE history_anew RENAME TO history;

-- An order's facts, in the order in which they were written down.
CREATE INDEX history_of_order ON history (order_number, id);

CREATE TRIGGER history_is_kept BEFORE DELETE ON history
BEGIN
    SELECT raise(ABORT, 'history_is_kept: what happened is not forgotten');
END;

CREATE TRIGGER history_says_what_it_said BEFORE UPDATE ON history
BEGIN
    SELECT raise(ABORT, 'history_says_what_it_said: what happened does not change');
END;
