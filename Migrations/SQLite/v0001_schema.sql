-- Why: the schema of the first release.
--
-- The tables stand in the order in which a payment meets them: an order, its attempts at a provider, the pages of an
-- attempt, the caller's idempotency key, the receipts for money that arrived, refunds, the provider's notices, the
-- deliveries to the merchant, the history of an order, and the providers' bills with what disagrees. Small tables
-- of operation stand at the end.
--
-- Common to all tables:
-- - The schema repeats every rule of the core. A fault in the code then stores nothing, rather than something wrong.
-- - Money that arrived can always be stored, even if it should not have arrived. No rule forbids it.
-- - The name of a CHECK, a trigger or a unique index appears in the error when the rule is broken.
-- - Times are milliseconds since 1970, UTC. 253402300799999 is the end of the year 9999.
-- - Amounts are in minor units: cents, fen.
-- - Texts written by a person allow four Unicode scalars for each character that the core allows.
-- - URLs have a limit far above the limit of the API.
-- - A channel's name is [a-z][a-z0-9_]{0,31}.
-- - `ifnull(…, 1)` lets a NULL pass: a CHECK says nothing about an absent value.
-- - Rules of tables that a first pay or a notice writes compare by `=` and OR. SQLite builds a temporary table for each
--   IN list of three or more, at every row.
-- - The rules of the history are alternatives, the one for an empty column first. SQLite stops at the first that holds.
--   It evaluates both sides of `(…) = (column IS NOT NULL)`, which takes four times as long.


-- ORDERS: a buyer's wish to pay, named by the merchant's number.

CREATE TABLE orders (
    number TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    subject TEXT NOT NULL,
    return_url TEXT,
    created_at INTEGER NOT NULL,
    -- The end of the buyer's time to pay.
    deadline INTEGER NOT NULL,

    state TEXT NOT NULL,
    -- The attempt that paid the order. Deferred, because the attempt's row follows in the same transaction.
    paid_by TEXT REFERENCES attempts (trade_no) DEFERRABLE INITIALLY DEFERRED,
    left_new_at INTEGER,

    -- The right to work on the order. The fence grows with every new holder; an answer for an older fence is dropped.
    fence INTEGER NOT NULL,
    lease_owner TEXT,
    lease_ends_at INTEGER,
    -- 1 if a provider call of this lease got no answer: the lease is then kept until it ends.
    lease_unanswered INTEGER,

    -- When the erasure of the buyer's data was asked for. It is blanked once the order is over.
    erase_at INTEGER,
    -- When the buyer's data was blanked: user id, subject and return URL, and that of the attempts.
    blanked_at INTEGER,

    -- Grows with every commit that changes an order, across all orders. A list by this column misses no change.
    updated_at INTEGER NOT NULL,

    CONSTRAINT orders_number CHECK (length(number) BETWEEN 4 AND 28 AND number NOT GLOB '*[^0-9A-Za-z_]*'),
    CONSTRAINT orders_user_id CHECK (
        CASE WHEN blanked_at IS NULL THEN length(user_id) BETWEEN 1 AND 512 ELSE user_id = '' END
    ),
    CONSTRAINT orders_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT orders_currency CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
    CONSTRAINT orders_subject CHECK (
        CASE WHEN blanked_at IS NULL THEN length(subject) BETWEEN 1 AND 508 ELSE subject = '' END
    ),
    CONSTRAINT orders_return_url CHECK (
        return_url IS NULL OR (blanked_at IS NULL AND length(return_url) BETWEEN 1 AND 8192)
    ),
    CONSTRAINT orders_erase_at CHECK (erase_at IS NULL OR erase_at BETWEEN 0 AND 253402300799999),
    CONSTRAINT orders_blanked_at CHECK (
        blanked_at IS NULL OR (state <> 'new' AND blanked_at BETWEEN 0 AND 253402300799999)
    ),
    CONSTRAINT orders_times CHECK (created_at BETWEEN 0 AND 253402300799999 AND deadline BETWEEN 0 AND 253402300799999),
    CONSTRAINT orders_state CHECK (state = 'new' OR state = 'paid' OR state = 'closed' OR state = 'expired'),
    CONSTRAINT orders_paid_by CHECK (
        (state = 'paid') = (paid_by IS NOT NULL) AND ifnull(substr(paid_by, 1, length(number) + 1) = number || '_', 1)
    ),
    CONSTRAINT orders_left_new_at CHECK (
        (state = 'new') = (left_new_at IS NULL) AND ifnull(left_new_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT orders_fence CHECK (fence BETWEEN 0 AND 1000000000000),
    CONSTRAINT orders_lease CHECK (
        (lease_owner IS NULL) = (lease_ends_at IS NULL) AND (lease_owner IS NULL) = (lease_unanswered IS NULL)
        AND ifnull(length(lease_owner) BETWEEN 1 AND 128, 1)
        AND ifnull(lease_ends_at BETWEEN 0 AND 253402300799999, 1)
        AND ifnull(lease_unanswered IN (0, 1), 1)
    ),
    CONSTRAINT orders_updated_at CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

-- The merchant's list of orders.
CREATE INDEX orders_by_update ON orders (updated_at, number);

-- Searches: a user's orders, and the orders of a period, the latest first. Their columns never change, so that each order
-- is written into them once.
CREATE INDEX orders_of_user ON orders (user_id, created_at, number);
CREATE INDEX orders_by_creation ON orders (created_at, number);

-- The same lists of one state, however few orders have it. A first pay writes none of these: new orders are few, and are
-- sorted.
CREATE INDEX orders_over_by_change ON orders (state, updated_at, number) WHERE state <> 'new';
CREATE INDEX orders_over_by_creation ON orders (state, created_at, number) WHERE state <> 'new';

-- Due work: orders whose buyer's data is to be blanked.
CREATE INDEX orders_to_blank ON orders (left_new_at, number) WHERE blanked_at IS NULL AND left_new_at IS NOT NULL;
CREATE INDEX orders_to_erase ON orders (number) WHERE erase_at IS NOT NULL AND blanked_at IS NULL;

-- Due work: orders that may have expired.
CREATE INDEX orders_to_expire ON orders (deadline, number) WHERE state = 'new';

CREATE TRIGGER orders_are_kept BEFORE DELETE ON orders
BEGIN
    SELECT raise(ABORT, 'orders_are_kept: an order is never deleted');
END;

-- The buyer's data may be blanked. The CHECKs say that nothing else takes its place.
CREATE TRIGGER orders_keep_their_particulars
BEFORE UPDATE OF number, user_id, amount, currency, subject, return_url, created_at, deadline ON orders
WHEN NEW.number IS NOT OLD.number OR NEW.amount IS NOT OLD.amount OR NEW.currency IS NOT OLD.currency
    OR NEW.created_at IS NOT OLD.created_at OR NEW.deadline IS NOT OLD.deadline
    OR (
        NEW.blanked_at IS NULL AND (
            NEW.user_id IS NOT OLD.user_id OR NEW.subject IS NOT OLD.subject OR NEW.return_url IS NOT OLD.return_url
        )
    )
BEGIN
    SELECT raise(ABORT, 'orders_keep_their_particulars: the particulars of an order never change');
END;

-- Money that is on its way may need the data, and a refund is requested again as it was.
CREATE TRIGGER orders_are_blanked_when_over BEFORE UPDATE OF blanked_at ON orders
WHEN NEW.blanked_at IS NOT OLD.blanked_at AND (
    OLD.blanked_at IS NOT NULL OR OLD.state = 'new'
    OR EXISTS (
        SELECT 1 FROM attempts
        WHERE order_number = OLD.number AND state IN ('creating', 'open', 'closing', 'exposed')
    )
    OR EXISTS (
        SELECT 1 FROM refunds
        WHERE order_number = OLD.number AND state IN ('pending', 'submitted', 'needs_attention')
    )
)
BEGIN
    SELECT raise(ABORT, 'orders_are_blanked_when_over: the order is not over, or is blanked');
END;

CREATE TRIGGER orders_leave_new_once BEFORE UPDATE OF state, paid_by, left_new_at ON orders
WHEN OLD.state <> 'new' AND (
    NEW.state IS NOT OLD.state OR NEW.paid_by IS NOT OLD.paid_by OR NEW.left_new_at IS NOT OLD.left_new_at
)
BEGIN
    SELECT raise(ABORT, 'orders_leave_new_once: the state of a finished order never changes');
END;

-- A provider's answer may still be on its way under the old fence. It must not be stored for a finished order.
CREATE TRIGGER orders_leave_new_with_a_higher_fence BEFORE UPDATE OF state ON orders
WHEN OLD.state = 'new' AND NEW.state <> 'new' AND NEW.fence <= OLD.fence
BEGIN
    SELECT raise(ABORT, 'orders_leave_new_with_a_higher_fence: a finished order needs a higher fence');
END;

CREATE TRIGGER orders_fence_never_shrinks BEFORE UPDATE OF fence ON orders
WHEN NEW.fence < OLD.fence
BEGIN
    SELECT raise(ABORT, 'orders_fence_never_shrinks: an expired lease would become valid again');
END;

CREATE TRIGGER orders_updated_at_grows BEFORE UPDATE ON orders
WHEN NEW.updated_at <= OLD.updated_at
BEGIN
    SELECT raise(ABORT, 'orders_updated_at_grows: a list of changed orders would miss this change');
END;


-- ATTEMPTS: one payable transaction of an order at one provider, with the whole request as it is sent.

CREATE TABLE attempts (
    -- The number that the provider knows: the order's number, `_`, and the sequence.
    trade_no TEXT NOT NULL PRIMARY KEY,
    order_number TEXT NOT NULL REFERENCES orders (number),
    sequence INTEGER NOT NULL,

    -- The request. A retry sends it again as it is stored here.
    channel TEXT NOT NULL,
    terminal TEXT NOT NULL,
    -- Empty if the provider binds the trade to no payer.
    openid TEXT NOT NULL,
    client_ip TEXT,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- The provider takes no money after this instant.
    provider_deadline INTEGER NOT NULL,
    notify_url TEXT NOT NULL,
    return_url TEXT,
    -- The merchant's app at the provider; NULL if the provider has no apps by terminal.
    app_id TEXT,
    created_at INTEGER NOT NULL,

    state TEXT NOT NULL,
    state_since INTEGER NOT NULL,
    -- State `creating`: calls made, and the first of them with an unknown outcome.
    tries INTEGER,
    first_unknown_at INTEGER,
    -- States `creating` and `closing`: the next recovery, if this process dies.
    recover_at INTEGER,
    -- A close that got no answer, which the provider may still execute.
    close_unanswered_at INTEGER,
    -- The provider's own end of the session, if it differs from the deadline.
    session_ends_at INTEGER,
    -- The provider's own name for the trade, if it takes no calls by our number.
    provider_reference TEXT,

    -- The next query; NULL if none is planned. The last query is made at `last_word_at`.
    ask_at INTEGER,
    last_word_at INTEGER NOT NULL,

    -- Providers take at most 32 characters.
    CONSTRAINT attempts_trade_no CHECK (trade_no = order_number || '_' || sequence AND length(trade_no) <= 32),
    CONSTRAINT attempts_sequence CHECK (sequence >= 1),
    CONSTRAINT attempts_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT attempts_terminal CHECK (terminal = 'pc' OR terminal = 'h5' OR terminal = 'app' OR terminal = 'jsapi' OR terminal = 'mini'),
    CONSTRAINT attempts_payer CHECK (length(openid) <= 512 AND ifnull(length(client_ip) BETWEEN 1 AND 128, 1)),
    CONSTRAINT attempts_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT attempts_currency CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
    -- Empty once it is blanked.
    CONSTRAINT attempts_subject CHECK (length(subject) <= 508),
    CONSTRAINT attempts_urls CHECK (
        length(notify_url) BETWEEN 1 AND 8192 AND ifnull(length(return_url) BETWEEN 1 AND 8192, 1)
    ),
    CONSTRAINT attempts_app_id CHECK (app_id IS NULL OR length(app_id) BETWEEN 1 AND 64),
    CONSTRAINT attempts_times CHECK (
        provider_deadline BETWEEN 0 AND 253402300799999 AND created_at BETWEEN 0 AND 253402300799999
        AND state_since BETWEEN 0 AND 253402300799999 AND ifnull(session_ends_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT attempts_state CHECK (
        state = 'creating' OR state = 'open' OR state = 'closing' OR state = 'exposed' OR state = 'closed'
        OR state = 'failed' OR state = 'lapsed' OR state = 'paid'
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
    ),
    CONSTRAINT attempts_provider_reference CHECK (
        provider_reference IS NULL OR length(provider_reference) BETWEEN 1 AND 255
    ),
    CONSTRAINT attempts_ask_at CHECK (
        ask_at IS NULL OR (
            (state = 'open' OR state = 'exposed' OR state = 'closed' OR state = 'failed')
            AND ask_at BETWEEN 0 AND 253402300799999
        )
    ),
    CONSTRAINT attempts_last_word_at CHECK (last_word_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE INDEX attempts_in_order ON attempts (order_number, sequence);

-- The main rule: at most one attempt of an order is `creating`, `open` or `closing`.
CREATE UNIQUE INDEX attempts_one_live ON attempts (order_number)
WHERE state = 'creating' OR state = 'open' OR state = 'closing';

-- Due work: attempts to recover, to query, and to close at their deadline.
CREATE INDEX attempts_to_recover ON attempts (recover_at, order_number) WHERE recover_at IS NOT NULL;
CREATE INDEX attempts_to_ask ON attempts (ask_at, trade_no) WHERE ask_at IS NOT NULL;
CREATE INDEX attempts_to_end ON attempts (provider_deadline, order_number) WHERE state = 'open';

-- The counts of attempts that may take money, and of those that are over but whose last query is due.
CREATE INDEX attempts_in_work ON attempts (channel, state)
WHERE state = 'creating' OR state = 'open' OR state = 'closing' OR state = 'exposed';
CREATE INDEX attempts_over_to_ask ON attempts (channel)
WHERE ask_at IS NOT NULL AND (state = 'closed' OR state = 'failed');

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts
BEGIN
    SELECT raise(ABORT, 'attempts_are_kept: a trade that a provider knows is never deleted');
END;

-- Some providers refuse a second call for one number with a changed request.
CREATE TRIGGER attempts_keep_their_request
BEFORE UPDATE OF trade_no, order_number, sequence, channel, terminal, openid, client_ip, amount, currency, subject,
    provider_deadline, notify_url, return_url, app_id, created_at ON attempts
WHEN NEW.trade_no IS NOT OLD.trade_no OR NEW.order_number IS NOT OLD.order_number OR NEW.sequence IS NOT OLD.sequence
    OR NEW.channel IS NOT OLD.channel OR NEW.terminal IS NOT OLD.terminal OR NEW.amount IS NOT OLD.amount
    OR NEW.currency IS NOT OLD.currency OR NEW.provider_deadline IS NOT OLD.provider_deadline
    OR NEW.notify_url IS NOT OLD.notify_url OR NEW.app_id IS NOT OLD.app_id OR NEW.created_at IS NOT OLD.created_at
    OR (
        (
            NEW.openid IS NOT OLD.openid OR NEW.client_ip IS NOT OLD.client_ip OR NEW.subject IS NOT OLD.subject
            OR NEW.return_url IS NOT OLD.return_url
        ) AND NOT (
            NEW.openid = '' AND NEW.client_ip IS NULL AND NEW.subject = '' AND NEW.return_url IS NULL
            AND EXISTS (SELECT 1 FROM orders WHERE number = OLD.order_number AND blanked_at IS NOT NULL)
        )
    )
BEGIN
    SELECT raise(ABORT, 'attempts_keep_their_request: a stored request never changes');
END;

-- The permitted transitions. AttemptStateName.mayBecome in the core lists the same, and a test compares both.
CREATE TRIGGER attempts_move_by_the_table BEFORE UPDATE OF state ON attempts
WHEN NEW.state <> OLD.state AND NOT CASE OLD.state
    WHEN 'creating' THEN NEW.state = 'open' OR NEW.state = 'closing' OR NEW.state = 'exposed' OR NEW.state = 'closed'
        OR NEW.state = 'failed' OR NEW.state = 'lapsed' OR NEW.state = 'paid'
    WHEN 'open' THEN NEW.state = 'closing' OR NEW.state = 'closed' OR NEW.state = 'lapsed' OR NEW.state = 'paid'
    WHEN 'closing' THEN NEW.state = 'exposed' OR NEW.state = 'closed' OR NEW.state = 'lapsed' OR NEW.state = 'paid'
    WHEN 'exposed' THEN NEW.state = 'open' OR NEW.state = 'closing' OR NEW.state = 'closed' OR NEW.state = 'lapsed'
        OR NEW.state = 'paid'
    WHEN 'closed' THEN NEW.state = 'paid'
    WHEN 'failed' THEN NEW.state = 'paid'
    WHEN 'lapsed' THEN NEW.state = 'paid'
    ELSE FALSE
END
BEGIN
    SELECT raise(ABORT, 'attempts_move_by_the_table: no such transition');
END;

CREATE TRIGGER attempts_keep_their_last_word BEFORE UPDATE OF last_word_at ON attempts
WHEN NEW.last_word_at IS NOT OLD.last_word_at
BEGIN
    SELECT raise(ABORT, 'attempts_keep_their_last_word: the instant of the last query never changes');
END;

-- The provider may know an attempt that a restore lost. Twenty attempts is the most that an order has. An attempt that
-- was lost is stored with its money, as `exposed` or `paid`.
CREATE TRIGGER attempts_skip_lost_numbers BEFORE INSERT ON attempts
WHEN NEW.state = 'creating' AND NEW.sequence <= 20 * (SELECT ifnull(max(number), 0) FROM restores)
BEGIN
    SELECT raise(ABORT, 'attempts_skip_lost_numbers: the number may be a trade that a restore lost');
END;

-- Queries and closes use the reference, and a notice must name it.
CREATE TRIGGER attempts_keep_their_reference BEFORE UPDATE OF provider_reference ON attempts
WHEN OLD.provider_reference IS NOT NULL AND NEW.provider_reference IS NOT OLD.provider_reference
BEGIN
    SELECT raise(ABORT, 'attempts_keep_their_reference: the provider''s name for a trade never changes');
END;


-- PAGES: the provider's payment page of an attempt, for one terminal and payer. A repay is answered from here.

CREATE TABLE pages (
    -- Grows: a page that is minted again is a new row.
    id INTEGER NOT NULL PRIMARY KEY,
    trade_no TEXT NOT NULL REFERENCES attempts (trade_no),
    terminal TEXT NOT NULL,
    -- Empty if the provider binds the page to no payer.
    openid TEXT NOT NULL,
    -- The terminals that may get this page, as a sum: pc 1, h5 2, app 4, jsapi 8, mini 16.
    serves INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    minted_at INTEGER NOT NULL,
    -- The page is served up to, not at, this instant.
    expires_at INTEGER NOT NULL,

    CONSTRAINT pages_terminal CHECK (terminal = 'pc' OR terminal = 'h5' OR terminal = 'app' OR terminal = 'jsapi' OR terminal = 'mini'),
    CONSTRAINT pages_openid CHECK (length(openid) <= 512),
    CONSTRAINT pages_serves CHECK (
        serves BETWEEN 1 AND 31
        AND serves & CASE terminal WHEN 'pc' THEN 1 WHEN 'h5' THEN 2 WHEN 'app' THEN 4 WHEN 'jsapi' THEN 8 WHEN 'mini' THEN 16 END
    ),
    CONSTRAINT pages_kind CHECK (kind = 'html' OR kind = 'qr' OR kind = 'redirect' OR kind = 'sdk'),
    -- 1 MiB: a provider's form has a few kilobytes.
    -- Counted in bytes: a count of characters would read all of the page.
    CONSTRAINT pages_content CHECK (content <> '' AND length(CAST(content AS BLOB)) <= 1048576),
    CONSTRAINT pages_times CHECK (
        minted_at BETWEEN 0 AND 253402300799999 AND expires_at BETWEEN 0 AND 253402300799999
    )
) STRICT;

CREATE UNIQUE INDEX pages_one_for_terminal_and_payer ON pages (trade_no, terminal, openid);

-- Gives a trade's pages in the order of their ids, so that the lookup of a live page sorts nothing.
CREATE INDEX pages_of_trade ON pages (trade_no);

CREATE TRIGGER pages_only_end_sooner BEFORE UPDATE OF expires_at ON pages
WHEN NEW.expires_at > OLD.expires_at
BEGIN
    SELECT raise(ABORT, 'pages_only_end_sooner: an expired page is minted again, never prolonged');
END;

-- Finished orders whose pages are not purged yet. The purge finds them by the key, among any number of orders.
CREATE TABLE pages_to_purge (
    left_new_at INTEGER NOT NULL,
    order_number TEXT NOT NULL REFERENCES orders (number),

    PRIMARY KEY (left_new_at, order_number),
    CONSTRAINT pages_to_purge_left_new_at CHECK (left_new_at BETWEEN 0 AND 253402300799999)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER orders_leave_pages_to_purge AFTER UPDATE OF state ON orders
WHEN OLD.state = 'new' AND NEW.state <> 'new'
BEGIN
    INSERT INTO pages_to_purge (left_new_at, order_number) VALUES (NEW.left_new_at, NEW.number);
END;

CREATE TRIGGER orders_come_with_pages_to_purge AFTER INSERT ON orders
WHEN NEW.state <> 'new'
BEGIN
    INSERT INTO pages_to_purge (left_new_at, order_number) VALUES (NEW.left_new_at, NEW.number);
END;


-- IDEMPOTENCY KEYS: a caller's key, and the order or the attempt that its call led to. A key never stores a page.

CREATE TABLE idempotency_keys (
    -- The caller, the method and the path. The user id is the longest part, with 512 scalars.
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    -- A digest of the request: another request under the same key is refused.
    fingerprint TEXT NOT NULL,
    -- The order that the call made without an attempt; NULL if the call led to an attempt.
    order_number TEXT REFERENCES orders (number),
    trade_no TEXT REFERENCES attempts (trade_no),
    -- The refund that the call led to; NULL for a pay call.
    refund_number TEXT,
    -- 1 if the call made the order, or the refund.
    made_order INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- The fence of the lease under which the call is in flight; NULL once it is answered. The claim ends with the
    -- lease.
    claimed_under INTEGER,

    PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_keys_scope CHECK (length(scope) BETWEEN 1 AND 2048),
    CONSTRAINT idempotency_keys_key CHECK (length(key) BETWEEN 1 AND 255 AND key NOT GLOB '*[^!-~]*'),
    CONSTRAINT idempotency_keys_fingerprint CHECK (length(fingerprint) BETWEEN 1 AND 256),
    -- A call that makes an order alone begins no work, so that its key is never claimed.
    CONSTRAINT idempotency_keys_outcome CHECK (
        (order_number IS NULL) = (trade_no IS NOT NULL)
        AND (order_number IS NULL OR (refund_number IS NULL AND claimed_under IS NULL))
    ),
    CONSTRAINT idempotency_keys_refund_number CHECK (length(refund_number) BETWEEN 1 AND 64),
    CONSTRAINT idempotency_keys_made_order CHECK (made_order IN (0, 1)),
    CONSTRAINT idempotency_keys_expires_at CHECK (expires_at BETWEEN 0 AND 253402300799999),
    CONSTRAINT idempotency_keys_claimed_under CHECK (claimed_under BETWEEN 1 AND 1000000000000)
) STRICT, WITHOUT ROWID;

-- The purge of expired keys.
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- A claim expires 24 h (86400000 ms) after its instant. At that instant the replaced key must have expired.
CREATE TRIGGER idempotency_keys_stay_used BEFORE UPDATE ON idempotency_keys
WHEN OLD.claimed_under IS NULL AND NEW.claimed_under IS NOT NULL AND NEW.expires_at - 86400000 < OLD.expires_at
BEGIN
    SELECT raise(ABORT, 'idempotency_keys_stay_used: a key with an answer is not claimed before it expires');
END;

-- A key can change to another request only if the lease of the first one has ended.
CREATE TRIGGER idempotency_keys_mark_one_request BEFORE UPDATE ON idempotency_keys
WHEN OLD.claimed_under IS NOT NULL AND NEW.fingerprint IS NOT OLD.fingerprint AND EXISTS (
    SELECT 1 FROM attempts JOIN orders ON orders.number = attempts.order_number
    WHERE attempts.trade_no = OLD.trade_no AND orders.fence = OLD.claimed_under
        AND orders.lease_unanswered = 0 AND orders.lease_ends_at > NEW.expires_at - 86400000
)
BEGIN
    SELECT raise(ABORT, 'idempotency_keys_mark_one_request: another request is in flight under this key');
END;


-- RECEIPTS: proof from a provider that money arrived. Each payment is stored once, whatever it is.

CREATE TABLE receipts (
    id INTEGER NOT NULL PRIMARY KEY,
    trade_no TEXT NOT NULL REFERENCES attempts (trade_no),
    channel TEXT NOT NULL,
    -- The provider's number of the payment.
    transaction_id TEXT NOT NULL,
    -- The provider's values, without limits: a payment that doesn't match is stored as `disputed`.
    amount INTEGER NOT NULL,
    currency_code TEXT NOT NULL,
    paid_at INTEGER NOT NULL,
    names_our_account INTEGER NOT NULL,
    -- 1 if the money had gone back in full before the receipt was stored.
    returned INTEGER NOT NULL,
    standing TEXT NOT NULL,
    -- 1 if a person decided a dispute about it. The history tells who and why.
    ruled_on INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,

    CONSTRAINT receipts_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT receipts_transaction_id CHECK (length(transaction_id) BETWEEN 1 AND 255),
    CONSTRAINT receipts_names_our_account CHECK (names_our_account IN (0, 1)),
    CONSTRAINT receipts_returned CHECK (returned = 1 OR (returned = 0 AND standing <> 'returned')),
    CONSTRAINT receipts_standing CHECK (
        standing = 'honest' OR standing = 'duplicate' OR standing = 'late' OR standing = 'returned'
        OR standing = 'disputed' OR standing = 'rejected'
    ),
    CONSTRAINT receipts_ruled_on CHECK (ruled_on = 0 OR (ruled_on = 1 AND standing <> 'disputed')),
    CONSTRAINT receipts_rejected_by_ruling CHECK (standing <> 'rejected' OR ruled_on = 1),
    -- Only a person can let money of another account, or of no amount, count.
    CONSTRAINT receipts_foreign_are_disputed CHECK (
        standing = 'disputed' OR ruled_on = 1 OR (names_our_account = 1 AND amount > 0)
    ),
    CONSTRAINT receipts_recorded_at CHECK (recorded_at BETWEEN 0 AND 253402300799999)
) STRICT;

-- The transaction comes first, because people search for it without a channel.
CREATE UNIQUE INDEX receipts_one_for_transaction ON receipts (transaction_id, channel);

CREATE INDEX receipts_of_trade ON receipts (trade_no);

-- The list of disputes, for people.
CREATE INDEX receipts_disputed ON receipts (id) WHERE standing = 'disputed';

-- Reconciliation: the payments of a day.
CREATE INDEX receipts_by_time ON receipts (channel, paid_at, id);

CREATE TRIGGER receipts_are_kept BEFORE DELETE ON receipts
BEGIN
    SELECT raise(ABORT, 'receipts_are_kept: proof of money is never deleted');
END;

-- A disputed receipt may take new particulars, but only in the update that decides the dispute.
CREATE TRIGGER receipts_keep_their_particulars
BEFORE UPDATE OF id, trade_no, channel, transaction_id, amount, currency_code, paid_at, names_our_account, returned,
    ruled_on, recorded_at
ON receipts
WHEN NEW.id IS NOT OLD.id OR NEW.trade_no IS NOT OLD.trade_no OR NEW.channel IS NOT OLD.channel
    OR NEW.transaction_id IS NOT OLD.transaction_id OR NEW.recorded_at IS NOT OLD.recorded_at
    OR OLD.standing <> 'disputed' OR NEW.standing = 'disputed'
BEGIN
    SELECT raise(ABORT, 'receipts_keep_their_particulars: proof of money never changes');
END;

CREATE TRIGGER receipts_are_decided_once BEFORE UPDATE OF standing ON receipts
WHEN OLD.standing <> 'disputed' AND NEW.standing IS NOT OLD.standing
BEGIN
    SELECT raise(ABORT, 'receipts_are_decided_once: only a disputed receipt can be decided');
END;


-- REFUNDS: money on its way back, in full or in part.

CREATE TABLE refunds (
    id INTEGER NOT NULL PRIMARY KEY,
    order_number TEXT NOT NULL REFERENCES orders (number),
    -- The trade's number, `_r` or `_m`, and a count. For a refund that was made in the provider's console: its number
    -- there.
    number TEXT NOT NULL,
    -- The merchant's own number, if the merchant gave one.
    refund_no TEXT,
    trade_no TEXT NOT NULL REFERENCES attempts (trade_no),
    channel TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT,
    created_at INTEGER NOT NULL,

    state TEXT NOT NULL,
    -- The next call; NULL if none is planned.
    ask_at INTEGER,
    -- 1 once the provider has accepted the refund: it is then queried, and not requested again.
    was_submitted INTEGER NOT NULL,
    -- Tries that were refused by a code that isn't final, and the first of them.
    refused_tries INTEGER NOT NULL,
    refused_since INTEGER,
    -- The provider's code for its last refusal.
    provider_code TEXT,
    -- How often another number was taken, because the provider had closed the refund under the one before. The provider
    -- knows the refund by `number`, then by `number` with `_2`, `_3`, … behind it.
    renewals INTEGER NOT NULL,
    -- 1 if the provider closed the refund under its present number.
    number_used_up INTEGER NOT NULL,
    -- When the provider was last asked to make the refund.
    requested_at INTEGER,
    refunded_at INTEGER,

    -- Only money that arrived can go back.
    FOREIGN KEY (channel, transaction_id) REFERENCES receipts (channel, transaction_id),
    CONSTRAINT refunds_trade_no CHECK (substr(trade_no, 1, length(order_number) + 1) = order_number || '_'),
    CONSTRAINT refunds_number CHECK (
        length(number) BETWEEN 1 AND CASE cause WHEN 'provider' THEN 255 ELSE 64 END
        AND CASE cause
            WHEN 'provider' THEN number NOT GLOB '*[^!-~]*'
            WHEN 'merchant' THEN substr(number, 1, length(trade_no) + 2) = trade_no || '_m'
            ELSE substr(number, 1, length(trade_no) + 2) = trade_no || '_r'
        END
    ),
    CONSTRAINT refunds_refund_no CHECK (
        refund_no IS NULL
        OR (cause = 'merchant' AND length(refund_no) BETWEEN 1 AND 32 AND refund_no NOT GLOB '*[^0-9A-Za-z_]*')
    ),
    CONSTRAINT refunds_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT refunds_currency CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
    CONSTRAINT refunds_cause CHECK (cause IN ('merchant', 'duplicate', 'late', 'dispute', 'provider')),
    CONSTRAINT refunds_reason CHECK (length(reason) BETWEEN 1 AND 320),
    CONSTRAINT refunds_created_at CHECK (created_at BETWEEN 0 AND 253402300799999),
    CONSTRAINT refunds_state CHECK (state IN ('pending', 'submitted', 'needs_attention', 'succeeded', 'failed')),
    CONSTRAINT refunds_ask_at CHECK (
        ask_at IS NULL OR (state <> 'failed' AND ask_at BETWEEN 0 AND 253402300799999)
    ),
    CONSTRAINT refunds_was_submitted CHECK (was_submitted IN (0, 1)),
    CONSTRAINT refunds_refused_tries CHECK (refused_tries BETWEEN 0 AND 1000000000),
    CONSTRAINT refunds_refused_since CHECK (
        (refused_tries = 0) = (refused_since IS NULL) AND ifnull(refused_since BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT refunds_provider_code CHECK (length(provider_code) BETWEEN 1 AND 64),
    CONSTRAINT refunds_renewals CHECK (renewals BETWEEN 0 AND 1000000),
    CONSTRAINT refunds_number_used_up CHECK (number_used_up = 0 OR (number_used_up = 1 AND state = 'failed')),
    CONSTRAINT refunds_requested_at CHECK (requested_at BETWEEN 0 AND 253402300799999),
    CONSTRAINT refunds_refunded_at CHECK (
        (state = 'succeeded') = (refunded_at IS NOT NULL) AND ifnull(refunded_at BETWEEN 0 AND 253402300799999, 1)
    )
) STRICT;

CREATE UNIQUE INDEX refunds_one_for_number ON refunds (order_number, number);

CREATE UNIQUE INDEX refunds_one_for_refund_no ON refunds (order_number, refund_no) WHERE refund_no IS NOT NULL;

-- Money that should not have arrived is refunded once.
CREATE UNIQUE INDEX refunds_one_for_transaction ON refunds (channel, transaction_id)
WHERE cause IN ('duplicate', 'late', 'dispute');

CREATE INDEX refunds_of_transaction ON refunds (channel, transaction_id);

-- Searches: people have a refund's number without its order. Two orders may have the same one.
CREATE INDEX refunds_by_number ON refunds (number);
CREATE INDEX refunds_by_refund_no ON refunds (refund_no) WHERE refund_no IS NOT NULL;

CREATE INDEX refunds_of_trade ON refunds (trade_no);

-- Reconciliation: the refunds of a day.
CREATE INDEX refunds_by_time ON refunds (channel, refunded_at, id) WHERE refunded_at IS NOT NULL;

-- Due work: refunds to request or to query.
CREATE INDEX refunds_to_ask ON refunds (ask_at, number) WHERE ask_at IS NOT NULL;

-- The operator's list of a state, the latest first.
CREATE INDEX refunds_by_state ON refunds (state, id);

-- The list for people: refunds that need one.
CREATE INDEX refunds_for_people ON refunds (state, created_at) WHERE state = 'failed' OR state = 'needs_attention';

CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds
BEGIN
    SELECT raise(ABORT, 'refunds_are_kept: a refund is never deleted');
END;

-- A refund that was made in the provider's console is stored in any case: that money has gone.
CREATE TRIGGER refunds_never_exceed_the_payment AFTER INSERT ON refunds
WHEN NEW.cause <> 'provider' AND NEW.state <> 'failed' AND EXISTS (
    SELECT 1 FROM receipts
    WHERE receipts.channel = NEW.channel AND receipts.transaction_id = NEW.transaction_id
        AND (receipts.currency_code <> NEW.currency OR receipts.amount < (
            SELECT sum(amount) FROM refunds AS other
            WHERE other.channel = NEW.channel AND other.transaction_id = NEW.transaction_id AND other.state <> 'failed'
        ))
)
BEGIN
    SELECT raise(ABORT, 'refunds_never_exceed_the_payment: more would go back than arrived');
END;

CREATE TRIGGER refunds_are_retried_within_the_payment AFTER UPDATE OF state ON refunds
WHEN OLD.state = 'failed' AND NEW.state = 'pending' AND EXISTS (
    SELECT 1 FROM receipts
    WHERE receipts.channel = NEW.channel AND receipts.transaction_id = NEW.transaction_id
        AND receipts.amount < (
            SELECT sum(amount) FROM refunds AS other
            WHERE other.channel = NEW.channel AND other.transaction_id = NEW.transaction_id AND other.state <> 'failed'
        )
)
BEGIN
    SELECT raise(ABORT, 'refunds_are_retried_within_the_payment: more would go back than arrived');
END;

CREATE TRIGGER refunds_keep_their_particulars
BEFORE UPDATE OF id, order_number, number, refund_no, trade_no, channel, transaction_id, amount, currency, cause,
    created_at ON refunds
BEGIN
    SELECT raise(ABORT, 'refunds_keep_their_particulars: a refund is requested again as it was');
END;

CREATE TRIGGER refunds_keep_their_reason BEFORE UPDATE OF reason ON refunds
WHEN NEW.reason IS NOT OLD.reason AND NOT (
    NEW.reason IS NULL AND EXISTS (SELECT 1 FROM orders WHERE number = OLD.order_number AND blanked_at IS NOT NULL)
)
BEGIN
    SELECT raise(ABORT, 'refunds_keep_their_reason: only the reason of a blanked order is blanked');
END;

-- A number under which a refund may have succeeded is never replaced by another.
CREATE TRIGGER refunds_are_renewed_once_closed BEFORE UPDATE OF renewals ON refunds
WHEN NEW.renewals <> OLD.renewals AND NOT (NEW.renewals = OLD.renewals + 1 AND OLD.number_used_up = 1)
BEGIN
    SELECT raise(ABORT, 'refunds_are_renewed_once_closed: another number could be a second refund');
END;

-- An operator can retry a failed refund. A provider can revoke one that succeeded.
CREATE TRIGGER refunds_succeed_once BEFORE UPDATE OF state ON refunds
WHEN OLD.state = 'succeeded' AND NEW.state <> 'succeeded' AND NEW.state <> 'failed'
BEGIN
    SELECT raise(ABORT, 'refunds_succeed_once: money that went back is not sent again');
END;


-- NOTICES: a provider's messages as they were received and verified, even about a trade that isn't ours.

CREATE TABLE notices (
    id INTEGER NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    -- The provider's number of the notice, and its spelling of the trade's number. Both can have any form.
    notice_id TEXT NOT NULL,
    trade_no TEXT NOT NULL,
    -- NULL for an orphan.
    order_number TEXT REFERENCES orders (number),
    body TEXT NOT NULL,
    outcome TEXT NOT NULL,
    received_at INTEGER NOT NULL,

    CONSTRAINT notices_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    -- 1 MiB: far above the server's limit for a request's body.
    CONSTRAINT notices_body CHECK (length(body) <= 1048576),
    CONSTRAINT notices_outcome CHECK (
        outcome = 'paid' OR outcome = 'duplicate' OR outcome = 'late' OR outcome = 'returned' OR outcome = 'repeated'
        OR outcome = 'disputed' OR outcome = 'orphan'
    ),
    CONSTRAINT notices_order_number CHECK ((outcome = 'orphan') = (order_number IS NULL)),
    CONSTRAINT notices_received_at CHECK (received_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE UNIQUE INDEX notices_one_for_id ON notices (channel, notice_id);

CREATE INDEX notices_of_order ON notices (order_number) WHERE order_number IS NOT NULL;
-- The last notice of a channel.
CREATE INDEX notices_by_time ON notices (channel, received_at);

-- A new order of a restored database looks for the notices that came before it.
CREATE INDEX notices_of_unknown_orders ON notices (trade_no) WHERE order_number IS NULL;

CREATE TRIGGER notices_keep_their_body BEFORE UPDATE OF body ON notices
WHEN NEW.body <> OLD.body AND NEW.body <> ''
BEGIN
    SELECT raise(ABORT, 'notices_keep_their_body: a notice stays as it was received, or is blanked');
END;


-- EVENTS: the events of orders that the merchant is told of. An event is stored in the transaction that causes it, and
-- never changes.

CREATE TABLE events (
    -- Never reused: the merchant recognises a repeated message by it. Numbers of one order increase.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_number TEXT NOT NULL REFERENCES orders (number),
    kind TEXT NOT NULL,
    trade_no TEXT REFERENCES attempts (trade_no),
    transaction_id TEXT,
    -- The number that the refund is stored under.
    refund_number TEXT,
    -- The provider's code in an event of a refund.
    provider_code TEXT,
    difference_id INTEGER REFERENCES differences (id),
    occurred_at INTEGER NOT NULL,

    CONSTRAINT events_kind CHECK (
        kind = 'order.paid' OR kind = 'order.closed' OR kind = 'order.expired' OR kind = 'payment.duplicate'
        OR kind = 'payment.late' OR kind = 'payment.returned' OR kind = 'payment.disputed'
        OR kind = 'refund.succeeded' OR kind = 'refund.failed' OR kind = 'refund.needs_attention'
        OR kind = 'reconciliation.difference'
    ),
    CONSTRAINT events_trade_no CHECK (
        (kind = 'order.closed' OR kind = 'order.expired' OR kind = 'reconciliation.difference') = (trade_no IS NULL)
    ),
    CONSTRAINT events_difference_id CHECK ((kind = 'reconciliation.difference') = (difference_id IS NOT NULL)),
    CONSTRAINT events_transaction_id CHECK (length(transaction_id) BETWEEN 1 AND 255),
    CONSTRAINT events_refund_number CHECK (
        (kind = 'refund.succeeded' OR kind = 'refund.failed' OR kind = 'refund.needs_attention')
            = (refund_number IS NOT NULL)
        AND ifnull(length(refund_number) BETWEEN 1 AND 255, 1)
    ),
    CONSTRAINT events_provider_code CHECK (length(provider_code) BETWEEN 1 AND 64),
    CONSTRAINT events_occurred_at CHECK (occurred_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE INDEX events_of_order ON events (order_number, id);

-- The events since an instant, which an operator sends again.
CREATE INDEX events_by_time ON events (occurred_at, id);

-- The events of a rare kind among any number of others.
CREATE INDEX events_by_kind ON events (kind, id);

CREATE TRIGGER events_are_kept BEFORE DELETE ON events
BEGIN
    SELECT raise(ABORT, 'events_are_kept: an event for the merchant is never deleted');
END;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN
    SELECT raise(ABORT, 'events_never_change: an event for the merchant never changes');
END;


-- WEBHOOK ENDPOINTS: the receivers of events. A start of the service writes them, so that a command knows them too.

CREATE TABLE webhook_endpoints (
    name TEXT NOT NULL PRIMARY KEY,
    -- The scheme and host of its URL. The path and the query may hold a key of the merchant.
    origin TEXT NOT NULL,
    -- The kinds of its events, each between two spaces. NULL for every kind.
    kinds TEXT,
    -- 0 since the endpoint was removed from the settings. New events pass it by.
    active INTEGER NOT NULL,
    added_at INTEGER NOT NULL,

    CONSTRAINT webhook_endpoints_name CHECK (
        length(name) BETWEEN 1 AND 32 AND name GLOB '[a-z]*' AND name NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT webhook_endpoints_origin CHECK (length(origin) BETWEEN 1 AND 1024),
    CONSTRAINT webhook_endpoints_kinds CHECK (
        length(kinds) BETWEEN 3 AND 1024 AND substr(kinds, 1, 1) = ' ' AND substr(kinds, length(kinds), 1) = ' '
    ),
    CONSTRAINT webhook_endpoints_active CHECK (active IN (0, 1)),
    CONSTRAINT webhook_endpoints_added_at CHECK (added_at BETWEEN 0 AND 253402300799999)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER webhook_endpoints_are_kept BEFORE DELETE ON webhook_endpoints
BEGIN
    SELECT raise(ABORT, 'webhook_endpoints_are_kept: deliveries name their endpoint; set it inactive');
END;

CREATE TRIGGER webhook_endpoints_keep_their_name BEFORE UPDATE OF name, added_at ON webhook_endpoints
BEGIN
    SELECT raise(ABORT, 'webhook_endpoints_keep_their_name: deliveries name their endpoint');
END;


-- DELIVERIES: the outbox. An event has a delivery for each endpoint that it is for.

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id INTEGER NOT NULL REFERENCES events (id),
    -- The event's order.
    order_number TEXT NOT NULL,
    -- Without a foreign key: each commit would lock the endpoint's row.
    endpoint TEXT NOT NULL,

    state TEXT NOT NULL DEFAULT 'pending',
    -- Claims so far. Only the answer of the latest claim is stored.
    tries INTEGER NOT NULL DEFAULT 0,
    -- Claims before an operator resent the event: the back-off starts again after them.
    tries_before INTEGER NOT NULL DEFAULT 0,
    -- 1 while a claim has no stored answer.
    sending INTEGER NOT NULL DEFAULT 0,
    -- Pending: the earliest next try, or the end of the claim.
    next_at INTEGER NOT NULL DEFAULT 0,
    -- Pending: since the event, or since an operator resent it.
    waits_since INTEGER NOT NULL DEFAULT 0,
    delivered_at INTEGER,
    last_answer TEXT,

    CONSTRAINT deliveries_endpoint CHECK (
        length(endpoint) BETWEEN 1 AND 32 AND endpoint GLOB '[a-z]*' AND endpoint NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT deliveries_state CHECK (state = 'pending' OR state = 'delivered' OR state = 'parked'),
    CONSTRAINT deliveries_tries CHECK (tries BETWEEN 0 AND 1000000000),
    CONSTRAINT deliveries_tries_before CHECK (tries_before BETWEEN 0 AND tries),
    CONSTRAINT deliveries_sending CHECK (sending = 0 OR (sending = 1 AND state = 'pending' AND tries > tries_before)),
    CONSTRAINT deliveries_times CHECK (
        next_at BETWEEN 0 AND 253402300799999 AND waits_since BETWEEN 0 AND 253402300799999
    ),
    CONSTRAINT deliveries_delivered_at CHECK (
        ifnull(delivered_at BETWEEN 0 AND 253402300799999, state <> 'delivered')
    ),
    CONSTRAINT deliveries_last_answer CHECK (length(last_answer) BETWEEN 1 AND 800)
) STRICT;

CREATE UNIQUE INDEX deliveries_one_for_endpoint ON deliveries (event_id, endpoint);

-- Due work of an endpoint: pending deliveries, and the earlier pending deliveries of the same order. The first index
-- also has all that a count of the waiting deliveries reads.
CREATE INDEX deliveries_due ON deliveries (endpoint, next_at, event_id, waits_since) WHERE state = 'pending';
CREATE INDEX deliveries_waiting ON deliveries (order_number, endpoint, event_id) WHERE state = 'pending';

-- The operator's list of parked deliveries.
CREATE INDEX deliveries_given_up ON deliveries (id) WHERE state = 'parked';
-- The operator's list of an endpoint's deliveries.
CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint, id);

CREATE TRIGGER deliveries_are_kept BEFORE DELETE ON deliveries
BEGIN
    SELECT raise(ABORT, 'deliveries_are_kept: a delivery to the merchant is never deleted');
END;

CREATE TRIGGER deliveries_keep_their_event
BEFORE UPDATE OF id, event_id, order_number, endpoint ON deliveries
BEGIN
    SELECT raise(ABORT, 'deliveries_keep_their_event: a delivery keeps its event and its endpoint');
END;

-- A pending delivery changes its state by the answer to a claim. A finished one can only be resent.
CREATE TRIGGER deliveries_move_by_a_try BEFORE UPDATE OF state ON deliveries
WHEN NEW.state <> OLD.state AND NOT CASE OLD.state
    WHEN 'pending' THEN OLD.sending = 1
    ELSE NEW.state = 'pending' AND NEW.tries_before = NEW.tries
END
BEGIN
    SELECT raise(ABORT, 'deliveries_move_by_a_try: no such transition');
END;

CREATE TRIGGER deliveries_count_every_try BEFORE UPDATE OF tries, tries_before ON deliveries
WHEN NEW.tries < OLD.tries OR NEW.tries_before < OLD.tries_before
BEGIN
    SELECT raise(ABORT, 'deliveries_count_every_try: an expired claim would become valid again');
END;

-- The events of one order are sent to an endpoint one after the other.
CREATE TRIGGER deliveries_go_in_order BEFORE UPDATE OF tries ON deliveries
WHEN NEW.tries > OLD.tries AND EXISTS (
    SELECT 1 FROM deliveries AS earlier
    WHERE earlier.order_number = NEW.order_number AND earlier.endpoint = NEW.endpoint
        AND earlier.event_id < NEW.event_id AND earlier.state = 'pending'
)
BEGIN
    SELECT raise(ABORT, 'deliveries_go_in_order: an earlier event of the order is still pending');
END;

-- Each new event has a delivery for every active endpoint that it is for. A delivery gets the due time of the pending
-- ones before it, so that it isn't found in vain.
CREATE TRIGGER events_reach_their_endpoints AFTER INSERT ON events
BEGIN
    INSERT INTO deliveries (event_id, order_number, endpoint, waits_since, next_at)
    SELECT
        NEW.id, NEW.order_number, endpoint.name, NEW.occurred_at,
        max(NEW.occurred_at, coalesce((
            -- With the plus sign, the pending deliveries of other orders are not read for the greatest time.
            SELECT max(+earlier.next_at) FROM deliveries AS earlier
            WHERE earlier.order_number = NEW.order_number AND earlier.endpoint = endpoint.name
                AND earlier.state = 'pending'
        ), 0))
    FROM webhook_endpoints AS endpoint
    WHERE endpoint.active = 1 AND (endpoint.kinds IS NULL OR instr(endpoint.kinds, ' ' || NEW.kind || ' ') > 0)
    ORDER BY endpoint.name;
END;


-- DELIVERY ATTEMPTS: the last tries of a delivery, with the endpoint's answer. A try whose process died has no row.

CREATE TABLE delivery_attempts (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    -- The claim that the try was made under.
    number INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    -- In milliseconds.
    took INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    -- The HTTP status. NULL without a readable answer.
    status INTEGER,
    answer TEXT NOT NULL,
    -- The beginning of the answer's body.
    excerpt TEXT,

    PRIMARY KEY (delivery_id, number),
    CONSTRAINT delivery_attempts_number CHECK (number BETWEEN 1 AND 1000000000),
    CONSTRAINT delivery_attempts_began_at CHECK (began_at BETWEEN 0 AND 253402300799999),
    CONSTRAINT delivery_attempts_took CHECK (took BETWEEN 0 AND 1000000000),
    CONSTRAINT delivery_attempts_outcome CHECK (outcome IN ('accepted', 'refused', 'unanswered')),
    CONSTRAINT delivery_attempts_status CHECK (status BETWEEN 100 AND 999),
    CONSTRAINT delivery_attempts_answer CHECK (length(answer) BETWEEN 1 AND 800),
    CONSTRAINT delivery_attempts_excerpt CHECK (length(excerpt) BETWEEN 1 AND 4000)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER delivery_attempts_never_change BEFORE UPDATE ON delivery_attempts
BEGIN
    SELECT raise(ABORT, 'delivery_attempts_never_change: a try and its answer never change');
END;


-- HISTORY: the facts of an order that no other table has the time of. Notices, receipts and deliveries have theirs.

CREATE TABLE history (
    -- Grows: the order of the facts within one millisecond.
    id INTEGER NOT NULL PRIMARY KEY,
    order_number TEXT NOT NULL REFERENCES orders (number),
    trade_no TEXT REFERENCES attempts (trade_no),
    at INTEGER NOT NULL,
    -- The kind of the fact. Each kind uses some of the columns below, and the CHECKs say which.
    what TEXT NOT NULL,
    -- The user's wish, the attempt's channel, and the terminal of a page.
    channel TEXT,
    terminal TEXT,
    -- A provider call, and the answer in our words.
    operation TEXT,
    answer TEXT,
    -- The states of an attempt, an order, a refund or a receipt.
    old_state TEXT,
    new_state TEXT,
    page_kind TEXT,
    page_expires_at INTEGER,
    refund_number TEXT,
    fence INTEGER,
    transaction_id TEXT,
    -- The person who decided about disputed money, and the reason. The decision is the answer.
    person TEXT,
    reason TEXT,

    CONSTRAINT history_what CHECK (
        what = 'made' OR what = 'asked' OR what = 'close_asked' OR what = 'called' OR what = 'attempt_began'
        OR what = 'attempt_moved' OR what = 'page_minted' OR what = 'page_ended' OR what = 'taken_over'
        OR what = 'moved' OR what = 'refund_written' OR what = 'refund_moved' OR what = 'receipt_judged'
        OR what = 'ruled'
    ),
    CONSTRAINT history_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT history_trade_no CHECK (
        (
            trade_no IS NULL AND (
                what = 'made' OR what = 'asked' OR what = 'close_asked' OR what = 'taken_over' OR what = 'moved'
            )
        )
        OR (
            trade_no IS NOT NULL AND what <> 'made' AND what <> 'asked' AND what <> 'close_asked' AND what <> 'taken_over'
            AND what <> 'moved' AND substr(trade_no, 1, length(order_number) + 1) = order_number || '_'
        )
    ),
    CONSTRAINT history_channel CHECK (
        (channel IS NULL AND what <> 'asked' AND what <> 'attempt_began')
        OR (
            channel IS NOT NULL AND (what = 'asked' OR what = 'attempt_began')
            AND length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
        )
    ),
    CONSTRAINT history_terminal CHECK (
        (
            terminal IS NULL AND what <> 'asked' AND what <> 'attempt_began' AND what <> 'page_minted'
            AND what <> 'page_ended'
        )
        OR (
            terminal IS NOT NULL
            AND (what = 'asked' OR what = 'attempt_began' OR what = 'page_minted' OR what = 'page_ended')
            AND (terminal = 'pc' OR terminal = 'h5' OR terminal = 'app' OR terminal = 'jsapi' OR terminal = 'mini')
        )
    ),
    CONSTRAINT history_call CHECK (
        (answer IS NULL AND operation IS NULL AND what <> 'called' AND what <> 'ruled')
        OR (
            answer IS NOT NULL AND length(answer) BETWEEN 1 AND 200 AND (
                (
                    what = 'called' AND operation IS NOT NULL
                    AND (operation = 'create' OR operation = 'query' OR operation = 'close' OR operation = 'refund')
                )
                OR (what = 'ruled' AND operation IS NULL)
            )
        )
    ),
    CONSTRAINT history_states CHECK (
        (
            new_state IS NULL AND old_state IS NULL AND what <> 'attempt_moved' AND what <> 'moved'
            AND what <> 'refund_written' AND what <> 'refund_moved' AND what <> 'receipt_judged'
        )
        OR (
            new_state IS NOT NULL
            AND (
                new_state = 'creating' OR new_state = 'open' OR new_state = 'closing' OR new_state = 'exposed'
                OR new_state = 'closed' OR new_state = 'failed' OR new_state = 'lapsed' OR new_state = 'paid'
                OR new_state = 'expired' OR new_state = 'pending' OR new_state = 'submitted'
                OR new_state = 'needs_attention' OR new_state = 'succeeded' OR new_state = 'honest'
                OR new_state = 'duplicate' OR new_state = 'late' OR new_state = 'returned' OR new_state = 'rejected'
            )
            AND (
                (old_state IS NULL AND (what = 'moved' OR what = 'refund_written' OR what = 'receipt_judged'))
                OR (
                    old_state IS NOT NULL AND (what = 'attempt_moved' OR what = 'refund_moved')
                    AND (
                        old_state = 'creating' OR old_state = 'open' OR old_state = 'closing' OR old_state = 'exposed'
                        OR old_state = 'closed' OR old_state = 'failed' OR old_state = 'lapsed' OR old_state = 'paid'
                        OR old_state = 'pending' OR old_state = 'submitted' OR old_state = 'needs_attention'
                        OR old_state = 'succeeded'
                    )
                )
            )
        )
    ),
    CONSTRAINT history_page CHECK (
        (page_kind IS NULL AND page_expires_at IS NULL AND what <> 'page_minted')
        OR (
            page_kind IS NOT NULL AND page_expires_at IS NOT NULL AND what = 'page_minted'
            AND (page_kind = 'html' OR page_kind = 'qr' OR page_kind = 'redirect' OR page_kind = 'sdk')
            AND page_expires_at BETWEEN 0 AND 253402300799999
        )
    ),
    CONSTRAINT history_refund_number CHECK (
        (refund_number IS NULL AND what <> 'refund_written' AND what <> 'refund_moved')
        OR (
            refund_number IS NOT NULL AND (what = 'refund_written' OR what = 'refund_moved')
            AND length(refund_number) BETWEEN 1 AND 255
        )
    ),
    CONSTRAINT history_fence CHECK (
        (fence IS NULL AND what <> 'taken_over')
        OR (fence IS NOT NULL AND what = 'taken_over' AND fence BETWEEN 0 AND 1000000000000)
    ),
    CONSTRAINT history_transaction_id CHECK (
        (transaction_id IS NULL AND what <> 'receipt_judged' AND what <> 'ruled')
        OR (
            transaction_id IS NOT NULL AND (what = 'receipt_judged' OR what = 'ruled')
            AND length(transaction_id) BETWEEN 1 AND 255
        )
    ),
    CONSTRAINT history_ruling CHECK (
        (person IS NULL AND reason IS NULL AND what <> 'ruled')
        OR (
            person IS NOT NULL AND reason IS NOT NULL AND what = 'ruled'
            AND length(person) BETWEEN 1 AND 256 AND length(reason) BETWEEN 1 AND 800
        )
    )
) STRICT;

CREATE INDEX history_of_order ON history (order_number, id);

-- The list for people: the latest calls that a provider refused with a code that no table contains.
CREATE INDEX history_refusals ON history (at, trade_no)
WHERE what = 'called' AND answer GLOB 'unknown, unlisted refusal: *';

CREATE TRIGGER history_is_kept BEFORE DELETE ON history
BEGIN
    SELECT raise(ABORT, 'history_is_kept: a fact is never deleted');
END;

CREATE TRIGGER history_never_changes BEFORE UPDATE ON history
BEGIN
    SELECT raise(ABORT, 'history_never_changes: a fact never changes');
END;


-- BILLS: a provider's bill of one day, and the progress of fetching it. A fetch stages its rows under a load number of
-- its own, and they count once the bill has that number. A crashed fetch leaves rows that never count.

CREATE TABLE bills (
    id INTEGER NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    -- The day in China (UTC+8): 2026-11-22.
    day TEXT NOT NULL,
    -- `wanted`: nothing is loaded. `loaded`: the rows of `load` count. `none`: the provider has no bill of the day.
    state TEXT NOT NULL,
    -- The load whose rows count; 0 before the first one.
    load INTEGER NOT NULL,
    -- The SHA-256 and the number of rows of that load.
    digest TEXT,
    rows INTEGER,
    loaded_at INTEGER,
    -- When every row of the load, and all booked money of the day, was compared; NULL if that is still to be done.
    compared_at INTEGER,

    -- The right to fetch and compare the bill. The claim's number grows with every claim.
    claim INTEGER NOT NULL,
    claimed_by TEXT,
    claim_ends_at INTEGER,
    tried_at INTEGER,
    -- The result of the last fetch, in a few words.
    last_answer TEXT,

    CONSTRAINT bills_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT bills_day CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    CONSTRAINT bills_state CHECK (state IN ('wanted', 'loaded', 'none')),
    CONSTRAINT bills_load CHECK (load BETWEEN 0 AND 1000000000 AND (load > 0 OR state <> 'loaded')),
    CONSTRAINT bills_content CHECK (
        (state = 'loaded') = (digest IS NOT NULL) AND (state = 'loaded') = (rows IS NOT NULL)
        AND ifnull(length(digest) BETWEEN 1 AND 128, 1) AND ifnull(rows BETWEEN 0 AND 1000000000, 1)
    ),
    CONSTRAINT bills_times CHECK (
        (state = 'wanted') = (loaded_at IS NULL) AND (compared_at IS NULL OR loaded_at IS NOT NULL)
        AND ifnull(loaded_at BETWEEN 0 AND 253402300799999, 1)
        AND ifnull(compared_at BETWEEN 0 AND 253402300799999, 1)
        AND ifnull(tried_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT bills_claim CHECK (
        claim BETWEEN 0 AND 1000000000000 AND (claimed_by IS NULL) = (claim_ends_at IS NULL)
        AND ifnull(length(claimed_by) BETWEEN 1 AND 128, 1)
        AND ifnull(claim_ends_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT bills_last_answer CHECK (length(last_answer) BETWEEN 1 AND 800)
) STRICT;

CREATE UNIQUE INDEX bills_one_for_day ON bills (channel, day);

CREATE TRIGGER bills_are_kept BEFORE DELETE ON bills
BEGIN
    SELECT raise(ABORT, 'bills_are_kept: a bill is never deleted');
END;

CREATE TRIGGER bills_keep_their_day BEFORE UPDATE OF id, channel, day ON bills
BEGIN
    SELECT raise(ABORT, 'bills_keep_their_day: the rows of a bill belong to its channel and day');
END;

CREATE TRIGGER bills_load_grows BEFORE UPDATE OF load, claim ON bills
WHEN NEW.load < OLD.load OR NEW.claim < OLD.claim
BEGIN
    SELECT raise(ABORT, 'bills_load_grows: replaced rows would count again');
END;

-- A provider that had a bill has it always.
CREATE TRIGGER bills_stay_loaded BEFORE UPDATE OF state ON bills
WHEN OLD.state = 'loaded' AND NEW.state <> 'loaded'
BEGIN
    SELECT raise(ABORT, 'bills_stay_loaded: a missing bill is not an empty bill');
END;


-- BILL LINES: the rows of the bills, as the provider states them.

CREATE TABLE bill_lines (
    bill_id INTEGER NOT NULL REFERENCES bills (id),
    load INTEGER NOT NULL,
    row INTEGER NOT NULL,
    standing TEXT NOT NULL,
    -- NULL for a row that is about something else, or that can't be read.
    kind TEXT,
    status TEXT,
    -- The provider's values. The numbers need not be ours.
    trade_no TEXT,
    transaction_id TEXT,
    refund_no TEXT,
    provider_refund_id TEXT,
    amount INTEGER,
    currency_code TEXT,
    -- Millionths of the major unit.
    fee_micros INTEGER,
    at INTEGER,
    -- The provider's word for another row, or why a row can't be read.
    words TEXT,

    PRIMARY KEY (bill_id, load, row),
    CONSTRAINT bill_lines_place CHECK (load >= 1 AND row >= 1),
    CONSTRAINT bill_lines_standing CHECK (
        standing IN ('waiting', 'matched', 'difference', 'foreign', 'other', 'unreadable')
    ),
    CONSTRAINT bill_lines_kind CHECK (
        (standing IN ('other', 'unreadable')) = (kind IS NULL) AND ifnull(kind IN ('payment', 'refund'), 1)
    ),
    CONSTRAINT bill_lines_values CHECK (
        (kind IS NULL) = (status IS NULL) AND (kind IS NULL) = (trade_no IS NULL) AND (kind IS NULL) = (amount IS NULL)
        AND (kind IS NULL) = (currency_code IS NULL) AND (kind IS NULL) = (at IS NULL)
        AND (kind IS NULL) = (words IS NOT NULL)
    ),
    CONSTRAINT bill_lines_status CHECK (status IN ('succeeded', 'accepted', 'failed')),
    CONSTRAINT bill_lines_numbers CHECK (
        ifnull(length(trade_no) <= 255, 1) AND ifnull(length(transaction_id) BETWEEN 1 AND 255, 1)
        AND ifnull(length(refund_no) BETWEEN 1 AND 255, 1)
        AND ifnull(length(provider_refund_id) BETWEEN 1 AND 255, 1)
    ),
    CONSTRAINT bill_lines_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT bill_lines_currency_code CHECK (length(currency_code) BETWEEN 1 AND 16),
    CONSTRAINT bill_lines_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT bill_lines_words CHECK (length(words) BETWEEN 1 AND 200)
) STRICT, WITHOUT ROWID;

-- Booked money looks for its line, on any day.
CREATE INDEX bill_lines_by_transaction ON bill_lines (transaction_id)
WHERE kind = 'payment' AND transaction_id IS NOT NULL;
CREATE INDEX bill_lines_by_trade ON bill_lines (trade_no) WHERE kind = 'payment' AND transaction_id IS NULL;
CREATE INDEX bill_lines_by_refund ON bill_lines (refund_no) WHERE refund_no IS NOT NULL;
CREATE INDEX bill_lines_by_provider_refund ON bill_lines (provider_refund_id)
WHERE refund_no IS NULL AND provider_refund_id IS NOT NULL;

-- Lines to compare again, and the counts of a bill. Most lines match.
CREATE INDEX bill_lines_unmatched ON bill_lines (bill_id, load, standing, row) WHERE standing <> 'matched';

CREATE TRIGGER bill_lines_are_staged BEFORE INSERT ON bill_lines
WHEN NEW.load <= (SELECT load FROM bills WHERE id = NEW.bill_id)
BEGIN
    SELECT raise(ABORT, 'bill_lines_are_staged: a loaded bill gets no more rows');
END;

CREATE TRIGGER bill_lines_are_kept BEFORE DELETE ON bill_lines
WHEN OLD.load <= (SELECT load FROM bills WHERE id = OLD.bill_id)
BEGIN
    SELECT raise(ABORT, 'bill_lines_are_kept: the rows of a loaded bill are never deleted');
END;

CREATE TRIGGER bill_lines_keep_their_content
BEFORE UPDATE OF bill_id, load, row, kind, status, trade_no, transaction_id, refund_no, provider_refund_id, amount,
    currency_code, fee_micros, at, words ON bill_lines
BEGIN
    SELECT raise(ABORT, 'bill_lines_keep_their_content: a row of a bill stays as the provider states it');
END;


-- DIFFERENCES: disagreements between the bills and the books, each for a person to explain or close.

CREATE TABLE differences (
    -- Never reused: a message to the merchant names it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The identity of the money, the same in every comparison.
    subject TEXT NOT NULL,
    -- The day of the bill that has the money, or should have it.
    day TEXT NOT NULL,
    -- The row that last showed the difference; NULL if no bill has the money.
    bill_id INTEGER REFERENCES bills (id),
    load INTEGER,
    row INTEGER,
    -- NULL if the money belongs to no order of ours.
    order_number TEXT REFERENCES orders (number),
    -- The numbers in the provider's spelling.
    trade_no TEXT,
    transaction_id TEXT,
    refund_no TEXT,
    -- The statements of both sides; NULL where a side has no such money.
    amount_here INTEGER,
    currency_here TEXT,
    status_here TEXT,
    amount_there INTEGER,
    currency_there TEXT,
    status_there TEXT,
    opened_at INTEGER NOT NULL,

    state TEXT NOT NULL DEFAULT 'open',
    -- The last decision by a person.
    note TEXT,
    decided_by TEXT,
    decided_at INTEGER,
    closed_at INTEGER,
    -- Why it is closed.
    ending TEXT,

    CONSTRAINT differences_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT differences_kind CHECK (kind IN (
        'missing_here', 'missing_there', 'amount', 'status', 'refund_missing_here', 'refund_missing_there',
        'refund_amount'
    )),
    CONSTRAINT differences_subject CHECK (length(subject) BETWEEN 1 AND 800),
    CONSTRAINT differences_day CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    CONSTRAINT differences_row CHECK (
        (bill_id IS NULL) = (load IS NULL) AND (bill_id IS NULL) = (row IS NULL)
        AND (bill_id IS NULL) = (kind IN ('missing_there', 'refund_missing_there'))
    ),
    CONSTRAINT differences_numbers CHECK (
        ifnull(length(trade_no) <= 255, 1) AND ifnull(length(transaction_id) BETWEEN 1 AND 255, 1)
        AND ifnull(length(refund_no) BETWEEN 1 AND 255, 1)
    ),
    CONSTRAINT differences_here CHECK (
        (amount_here IS NULL) = (currency_here IS NULL) AND (amount_here IS NULL) = (status_here IS NULL)
        AND (amount_here IS NULL OR kind NOT IN ('missing_here', 'refund_missing_here'))
    ),
    CONSTRAINT differences_there CHECK (
        (amount_there IS NULL) = (currency_there IS NULL) AND (amount_there IS NULL) = (status_there IS NULL)
        AND (amount_there IS NULL OR kind NOT IN ('missing_there', 'refund_missing_there'))
    ),
    CONSTRAINT differences_state CHECK (state IN ('open', 'explained', 'closed')),
    CONSTRAINT differences_note CHECK (length(note) BETWEEN 1 AND 4000),
    CONSTRAINT differences_decided_by CHECK (length(decided_by) BETWEEN 1 AND 256),
    CONSTRAINT differences_decision CHECK (
        (note IS NULL) = (decided_at IS NULL) AND (note IS NULL) = (decided_by IS NULL)
        AND (state <> 'explained' OR note IS NOT NULL) AND (ifnull(ending, '') <> 'decided' OR note IS NOT NULL)
    ),
    CONSTRAINT differences_ending CHECK (
        (state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (ending IS NOT NULL)
        AND ifnull(ending IN ('matched', 'replaced', 'withdrawn', 'decided'), 1)
    ),
    CONSTRAINT differences_times CHECK (
        opened_at BETWEEN 0 AND 253402300799999 AND ifnull(decided_at BETWEEN 0 AND 253402300799999, 1)
        AND ifnull(closed_at BETWEEN 0 AND 253402300799999, 1)
    )
) STRICT;

-- No difference is opened twice.
CREATE UNIQUE INDEX differences_one_for_subject ON differences (channel, subject) WHERE state <> 'closed';

-- The latest difference about some money, also a closed one.
CREATE INDEX differences_by_subject ON differences (channel, subject, id);
CREATE INDEX differences_of_order ON differences (order_number, id) WHERE order_number IS NOT NULL;
-- The operator's list, and the counts of open differences.
CREATE INDEX differences_by_state ON differences (state, id);
CREATE INDEX differences_of_bill ON differences (bill_id, load) WHERE state <> 'closed' AND bill_id IS NOT NULL;

CREATE TRIGGER differences_are_kept BEFORE DELETE ON differences
BEGIN
    SELECT raise(ABORT, 'differences_are_kept: a difference is never deleted');
END;

CREATE TRIGGER differences_keep_their_content
BEFORE UPDATE OF id, channel, kind, subject, day, order_number, trade_no, transaction_id, refund_no, amount_here,
    currency_here, status_here, amount_there, currency_there, status_there, opened_at ON differences
BEGIN
    SELECT raise(ABORT, 'differences_keep_their_content: a difference stays as it was found');
END;

CREATE TRIGGER differences_close_once BEFORE UPDATE ON differences
WHEN OLD.state = 'closed' OR (OLD.state = 'explained' AND NEW.state = 'open')
BEGIN
    SELECT raise(ABORT, 'differences_close_once: no such transition');
END;


-- AUDIT: every change that a person or the merchant made by hand. The row and its change are one transaction.

CREATE TABLE audit (
    -- Grows, and is never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    way TEXT NOT NULL,
    -- The client's address, or the host of a command.
    origin TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    order_number TEXT,
    reason TEXT,
    detail TEXT,

    CONSTRAINT audit_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT audit_actor CHECK (length(actor) BETWEEN 1 AND 256),
    CONSTRAINT audit_way CHECK (way IN ('cli', 'api', 'console')),
    CONSTRAINT audit_origin CHECK (length(origin) BETWEEN 1 AND 256),
    CONSTRAINT audit_action CHECK (
        length(action) BETWEEN 3 AND 64 AND action GLOB '[a-z]*.[a-z]*' AND action NOT GLOB '*[^a-z_.]*'
    ),
    CONSTRAINT audit_subject CHECK (length(subject) BETWEEN 1 AND 800),
    CONSTRAINT audit_order_number CHECK (length(order_number) BETWEEN 1 AND 64),
    CONSTRAINT audit_reason CHECK (length(reason) BETWEEN 1 AND 800),
    CONSTRAINT audit_detail CHECK (length(detail) BETWEEN 1 AND 800)
) STRICT;

CREATE INDEX audit_of_order ON audit (order_number, id) WHERE order_number IS NOT NULL;
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_action ON audit (action, id);

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'audit_is_kept: an entry of the audit is never deleted');
END;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'audit_never_changes: an entry of the audit never changes');
END;


-- OPERATORS: the people who may use the console.

CREATE TABLE operators (
    name TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    -- The scrypt hash with its parameters. NULL until the operator sets a password.
    password TEXT,
    -- The secret of the one-time codes (RFC 6238) in base32, and the number of the last time step whose code was used.
    code_secret TEXT,
    code_step INTEGER,
    -- The SHA-256 of the link that sets the password.
    invitation TEXT,
    invitation_ends_at INTEGER,
    -- Refused sign-ins in a row.
    failures INTEGER NOT NULL,
    -- Every sign-in is refused until then.
    locked_until INTEGER,
    added_at INTEGER NOT NULL,

    CONSTRAINT operators_name CHECK (length(name) BETWEEN 1 AND 32 AND name GLOB '[a-z0-9]*' AND name NOT GLOB '*[^a-z0-9._-]*'),
    CONSTRAINT operators_role CHECK (role IN ('viewer', 'operator', 'admin')),
    CONSTRAINT operators_password CHECK (length(password) BETWEEN 20 AND 300 AND password LIKE '$scrypt$%'),
    CONSTRAINT operators_enter_somehow CHECK (password IS NOT NULL OR invitation IS NOT NULL),
    CONSTRAINT operators_code_secret CHECK (length(code_secret) = 32 AND code_secret NOT GLOB '*[^A-Z2-7]*'),
    CONSTRAINT operators_code_step CHECK (
        (code_secret IS NULL) = (code_step IS NULL) AND ifnull(code_step >= 0, 1)
    ),
    CONSTRAINT operators_code_needs_password CHECK (code_secret IS NULL OR password IS NOT NULL),
    CONSTRAINT operators_invitation CHECK (length(invitation) = 64 AND invitation NOT GLOB '*[^0-9a-f]*'),
    CONSTRAINT operators_invitation_ends_at CHECK (
        (invitation IS NULL) = (invitation_ends_at IS NULL)
        AND ifnull(invitation_ends_at BETWEEN 0 AND 253402300799999, 1)
    ),
    CONSTRAINT operators_failures CHECK (failures BETWEEN 0 AND 1000000),
    CONSTRAINT operators_locked_until CHECK (locked_until BETWEEN 0 AND 253402300799999),
    CONSTRAINT operators_added_at CHECK (added_at BETWEEN 0 AND 253402300799999)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX operators_one_for_invitation ON operators (invitation) WHERE invitation IS NOT NULL;

-- OPERATOR SESSIONS: browsers that are signed in. Only the SHA-256 of the cookie is stored.

CREATE TABLE operator_sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    operator_name TEXT NOT NULL REFERENCES operators (name) ON DELETE CASCADE,
    begun_at INTEGER NOT NULL,
    -- The last request, to the minute.
    used_at INTEGER NOT NULL,
    -- The client's address at sign-in.
    origin TEXT,

    CONSTRAINT operator_sessions_digest CHECK (length(digest) = 64 AND digest NOT GLOB '*[^0-9a-f]*'),
    CONSTRAINT operator_sessions_times CHECK (
        begun_at BETWEEN 0 AND 253402300799999 AND used_at BETWEEN begun_at AND 253402300799999
    ),
    CONSTRAINT operator_sessions_origin CHECK (length(origin) BETWEEN 1 AND 256)
) STRICT, WITHOUT ROWID;

CREATE INDEX operator_sessions_of_operator ON operator_sessions (operator_name, begun_at);

CREATE TRIGGER operators_keep_their_name BEFORE UPDATE OF name, added_at ON operators
BEGIN
    SELECT raise(ABORT, 'operators_keep_their_name: the name of an operator never changes');
END;

CREATE TRIGGER operators_keep_an_admin BEFORE DELETE ON operators
WHEN OLD.role = 'admin' AND NOT EXISTS (SELECT 1 FROM operators WHERE role = 'admin' AND name <> OLD.name)
BEGIN
    SELECT raise(ABORT, 'operators_keep_an_admin: the last admin stays');
END;

CREATE TRIGGER operators_keep_an_admins_role BEFORE UPDATE OF role ON operators
WHEN OLD.role = 'admin' AND NEW.role <> 'admin'
    AND NOT EXISTS (SELECT 1 FROM operators WHERE role = 'admin' AND name <> OLD.name)
BEGIN
    SELECT raise(ABORT, 'operators_keep_an_admins_role: the last admin stays one');
END;

-- A session has the rights and the proofs of its sign-in.
CREATE TRIGGER operators_end_their_sessions AFTER UPDATE OF role, password, code_secret ON operators
WHEN OLD.role <> NEW.role OR OLD.password IS NOT NEW.password OR OLD.code_secret IS NOT NEW.code_secret
BEGIN
    DELETE FROM operator_sessions WHERE operator_name = OLD.name;
END;

CREATE TRIGGER operator_sessions_never_change BEFORE UPDATE ON operator_sessions
WHEN OLD.digest <> NEW.digest OR OLD.operator_name <> NEW.operator_name OR OLD.begun_at <> NEW.begun_at
    OR OLD.origin IS NOT NEW.origin OR NEW.used_at < OLD.used_at
BEGIN
    SELECT raise(ABORT, 'operator_sessions_never_change: a session only moves its last use forward');
END;


-- CHANNELS: the provider type of each channel that was ever configured. A start of the service writes it.

CREATE TABLE channels (
    name TEXT NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,

    CONSTRAINT channels_name CHECK (
        length(name) BETWEEN 1 AND 32 AND name GLOB '[a-z]*' AND name NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT channels_provider CHECK (provider IN ('alipay', 'wechat', 'stripe', 'sandbox'))
) STRICT, WITHOUT ROWID;

-- Another provider knows no trade of the stored attempts.
CREATE TRIGGER channels_keep_their_provider BEFORE UPDATE ON channels
WHEN (NEW.name IS NOT OLD.name OR NEW.provider IS NOT OLD.provider)
    AND EXISTS (SELECT 1 FROM attempts WHERE channel = OLD.name)
BEGIN
    SELECT raise(ABORT, 'channels_keep_their_provider: a channel with attempts never changes its provider');
END;

CREATE TRIGGER channels_are_kept BEFORE DELETE ON channels
WHEN EXISTS (SELECT 1 FROM attempts WHERE channel = OLD.name)
BEGIN
    SELECT raise(ABORT, 'channels_are_kept: a channel with attempts is never deleted');
END;


-- CHANNEL PAUSES: the channels that make no new attempt, for every process at once.

CREATE TABLE channel_pauses (
    channel TEXT NOT NULL PRIMARY KEY,
    paused_at INTEGER NOT NULL,

    CONSTRAINT channel_pauses_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    CONSTRAINT channel_pauses_paused_at CHECK (paused_at BETWEEN 0 AND 253402300799999)
) STRICT, WITHOUT ROWID;


-- SERVICE CONDITIONS: the state of running services that no other table shows. Each process replaces its own rows.

CREATE TABLE service_conditions (
    worker TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Empty for a condition of the whole service.
    channel TEXT NOT NULL,
    -- Tells conditions of one kind and channel apart. Empty if there is one only.
    subject TEXT NOT NULL,
    since INTEGER NOT NULL,
    -- The end of a certificate.
    ends_at INTEGER,
    -- The last report. A row without a recent one is of a process that was killed.
    seen_at INTEGER NOT NULL,

    PRIMARY KEY (worker, kind, channel, subject),
    CONSTRAINT service_conditions_worker CHECK (length(worker) BETWEEN 1 AND 128),
    CONSTRAINT service_conditions_kind CHECK (
        kind IN ('circuit_open', 'certificate_ends', 'disk_nearly_full', 'backup_missing')
    ),
    CONSTRAINT service_conditions_channel CHECK (
        CASE WHEN kind IN ('disk_nearly_full', 'backup_missing') THEN channel = ''
        ELSE length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*' END
    ),
    CONSTRAINT service_conditions_subject CHECK (length(subject) <= 255),
    CONSTRAINT service_conditions_times CHECK (
        since BETWEEN 0 AND 253402300799999 AND seen_at BETWEEN 0 AND 253402300799999
    ),
    CONSTRAINT service_conditions_ends_at CHECK (
        (kind = 'certificate_ends') = (ends_at IS NOT NULL) AND ifnull(ends_at BETWEEN 0 AND 253402300799999, 1)
    )
) STRICT, WITHOUT ROWID;


-- RESTORES: each restore of the database from an older copy. The highest number decides which numbers of attempts and
-- refunds are skipped, because the providers may know them.

CREATE TABLE restores (
    -- Grows. Higher than the number before by more than 1 if the copy does not have the restores in between.
    number INTEGER NOT NULL PRIMARY KEY,
    restored_at INTEGER NOT NULL,
    -- The last change of an order in the copy; 0 without orders.
    copied_at INTEGER NOT NULL,

    CONSTRAINT restores_number CHECK (number BETWEEN 1 AND 1000),
    CONSTRAINT restores_times CHECK (
        restored_at BETWEEN 0 AND 253402300799999 AND copied_at BETWEEN 0 AND 253402300799999
    )
) STRICT;

CREATE TRIGGER restores_are_kept BEFORE DELETE ON restores
BEGIN
    SELECT raise(ABORT, 'restores_are_kept: skipped numbers would be used');
END;

CREATE TRIGGER restores_never_change BEFORE UPDATE ON restores
BEGIN
    SELECT raise(ABORT, 'restores_never_change: skipped numbers would be used');
END;

CREATE TRIGGER restores_grow BEFORE INSERT ON restores
WHEN NEW.number <= (SELECT max(number) FROM restores)
BEGIN
    SELECT raise(ABORT, 'restores_grow: skipped numbers would be used');
END;


-- ORDERS TO SEARCH: orders of a restored database, whose providers may know attempts that the restore lost. A restore
-- stores those that were new in the copy. An order that appears in the three days after it is stored: the shop may send
-- an order again that the copy does not have. A later one is stored if a notice named it before.

CREATE TABLE orders_to_search (
    order_number TEXT NOT NULL PRIMARY KEY REFERENCES orders (number)
) STRICT, WITHOUT ROWID;

-- In ASCII, ` follows _: the range has every number that begins with the order's number and _.
CREATE TRIGGER orders_look_for_lost_trades AFTER INSERT ON orders
WHEN EXISTS (SELECT 1 FROM restores) AND (
    NEW.created_at < (SELECT max(restored_at) FROM restores) + 259200000 OR EXISTS (
        SELECT 1 FROM notices
        WHERE order_number IS NULL AND trade_no > NEW.number || '_' AND trade_no < NEW.number || '`'
    )
)
BEGIN
    INSERT INTO orders_to_search (order_number) VALUES (NEW.number);
END;


-- READINESS: one row, which each readiness check rewrites. Only a write detects a full or read-only disk.

CREATE TABLE readiness (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    writes INTEGER NOT NULL
) STRICT;
