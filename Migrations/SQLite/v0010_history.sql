-- Why: what happened to an order can be told afterwards, one row for each fact that no other table keeps the time of.
CREATE TABLE history (
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

    CONSTRAINT history_what CHECK (what IN (
        'made', 'asked', 'close_asked', 'called', 'attempt_began', 'attempt_moved', 'page_minted', 'page_ended',
        'taken_over', 'moved', 'refund_written', 'refund_moved'
    )),
    CONSTRAINT history_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT history_trade_no CHECK (
        (what IN (
            'called', 'attempt_began', 'attempt_moved', 'page_minted', 'page_ended', 'refund_written', 'refund_moved'
        )) = (trade_no IS NOT NULL)
        AND ifnull(substr(trade_no, 1, length(order_number) + 1) = order_number || '_', 1)
    ),
    CONSTRAINT history_channel CHECK (
        (what IN ('asked', 'attempt_began')) = (channel IS NOT NULL)
        AND ifnull(
            length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*', 1
        )
    ),
    CONSTRAINT history_terminal CHECK (
        (what IN ('asked', 'attempt_began', 'page_minted', 'page_ended')) = (terminal IS NOT NULL)
        AND ifnull(terminal IN ('pc', 'h5', 'app', 'jsapi'), 1)
    ),
    CONSTRAINT history_call CHECK (
        (what = 'called') = (operation IS NOT NULL) AND (what = 'called') = (answer IS NOT NULL)
        AND ifnull(operation IN ('create', 'query', 'close', 'refund'), 1)
        AND ifnull(length(answer) BETWEEN 1 AND 200, 1)
    ),
    CONSTRAINT history_states CHECK (
        (what IN ('attempt_moved', 'refund_moved')) = (old_state IS NOT NULL)
        AND (what IN ('attempt_moved', 'moved', 'refund_written', 'refund_moved')) = (new_state IS NOT NULL)
        AND ifnull(old_state IN (
            'creating', 'open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid', 'pending', 'submitted',
            'succeeded'
        ), 1)
        AND ifnull(new_state IN (
            'creating', 'open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid', 'expired', 'pending',
            'submitted', 'succeeded'
        ), 1)
    ),
    CONSTRAINT history_page CHECK (
        (what = 'page_minted') = (page_kind IS NOT NULL) AND (what = 'page_minted') = (page_expires_at IS NOT NULL)
        AND ifnull(page_kind IN ('html', 'qr', 'redirect', 'sdk'), 1)
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
