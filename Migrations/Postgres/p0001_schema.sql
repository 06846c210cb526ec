-- Why: the schema of the first release on PostgreSQL.
--
-- The tables, columns, rules and comments are those of the first migration of SQLite. A test compares both schemas.
-- The following differs:
-- - Texts are compared by bytes, as in SQLite: COLLATE "C". Flags are smallint, with the values 0 and 1.
-- - `slice` shares out the clock's work among the processes: each takes some of the 64 slices of all orders.
-- - `order_number` is generated in tables that name their order by its trade's number alone.
-- - Orders and events are listed by the transaction that stored them, because transactions run side by side.
-- - The history has no foreign keys.
-- - Processes on several machines need the tables at the end.
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
-- - `coalesce(…, true)` lets a NULL pass: a CHECK says nothing about an absent value.
-- - A statement reads and compiles each CHECK, and each WHEN of a trigger that it may fire. Longer rules are functions,
--   which a connection compiles once.

-- Raised by the guards: the triggers below. Their errors begin with the trigger's name.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: %', TG_NAME, TG_ARGV[0] USING CONSTRAINT = TG_NAME;
END $$;

-- A slice from 0 to 63, by the order's number.
CREATE FUNCTION slice_of(order_number text) RETURNS smallint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (get_byte(decode(md5(order_number), 'hex'), 0) & 63)::smallint;

-- The number of the order that a trade belongs to.
CREATE FUNCTION order_of(trade_no text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(trade_no, '_[0-9]+$', '');

-- One row: how often the database was restored from a dump. Transactions are numbered anew then.
CREATE TABLE eras (
    id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
    era smallint NOT NULL
);
INSERT INTO eras (id, era) VALUES (1, 0);

CREATE FUNCTION present_era() RETURNS smallint LANGUAGE sql STABLE RETURN (SELECT era FROM eras);


-- ORDERS: a buyer's wish to pay, named by the merchant's number.

CREATE TABLE orders (
    number text COLLATE "C" NOT NULL PRIMARY KEY,
    user_id text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    return_url text COLLATE "C",
    created_at bigint NOT NULL,
    -- The end of the buyer's time to pay.
    deadline bigint NOT NULL,

    state text COLLATE "C" NOT NULL,
    -- The attempt that paid the order. Its foreign key follows behind the attempts.
    paid_by text COLLATE "C",
    left_new_at bigint,

    -- The right to work on the order. The fence grows with every new holder; an answer for an older fence is dropped.
    fence bigint NOT NULL,
    lease_owner text COLLATE "C",
    lease_ends_at bigint,
    -- 1 if a provider call of this lease got no answer: the lease is then kept until it ends.
    lease_unanswered smallint,

    -- When the erasure of the buyer's data was asked for. It is blanked once the order is over.
    erase_at bigint,
    -- When the buyer's data was blanked: user id, subject and return URL, and that of the attempts.
    blanked_at bigint,

    -- Grows with every change of this order: the version of a page in memory.
    updated_at bigint NOT NULL,
    -- The transaction that changed the order last. A list in this order, up to the oldest running transaction, misses
    -- no change. The era comes first, because a restored database numbers its transactions anew.
    era smallint NOT NULL,
    changed_in xid8 NOT NULL,
    slice smallint NOT NULL GENERATED ALWAYS AS (slice_of(number)) STORED,

    CONSTRAINT orders_number CHECK (length(number) BETWEEN 4 AND 28 AND number !~ '[^0-9A-Za-z_]'),
    CONSTRAINT orders_user_id CHECK (
        CASE WHEN blanked_at IS NULL THEN length(user_id) BETWEEN 1 AND 512 ELSE user_id = '' END
    ),
    CONSTRAINT orders_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT orders_currency CHECK (currency ~ '^[A-Z]{3}$'),
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
    CONSTRAINT orders_state CHECK (state IN ('new', 'paid', 'closed', 'expired')),
    CONSTRAINT orders_paid_by CHECK (
        (state = 'paid') = (paid_by IS NOT NULL)
        AND coalesce(substr(paid_by, 1, length(number) + 1) = number || '_', true)
    ),
    CONSTRAINT orders_left_new_at CHECK (
        (state = 'new') = (left_new_at IS NULL) AND coalesce(left_new_at BETWEEN 0 AND 253402300799999, true)
    ),
    CONSTRAINT orders_fence CHECK (fence BETWEEN 0 AND 1000000000000),
    CONSTRAINT orders_lease CHECK (
        (lease_owner IS NULL) = (lease_ends_at IS NULL) AND (lease_owner IS NULL) = (lease_unanswered IS NULL)
        AND coalesce(length(lease_owner) BETWEEN 1 AND 128, true)
        AND coalesce(lease_ends_at BETWEEN 0 AND 253402300799999, true)
        AND coalesce(lease_unanswered IN (0, 1), true)
    ),
    CONSTRAINT orders_updated_at CHECK (updated_at BETWEEN 0 AND 253402300799999)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);

-- The merchant's list of orders.
CREATE INDEX orders_by_change ON orders (era, changed_in, number);

-- Searches: a user's orders, and the orders of a period, the latest first.
CREATE INDEX orders_of_user ON orders (user_id, created_at, number);
CREATE INDEX orders_by_creation ON orders (created_at, number);

-- The same lists of one state, however few orders have it. A first pay writes none of these: new orders are few, and are
-- sorted.
CREATE INDEX orders_over_by_change ON orders (state, era, changed_in, number) WHERE state <> 'new';
CREATE INDEX orders_over_by_creation ON orders (state, created_at, number) WHERE state <> 'new';

-- Due work: orders whose buyer's data is to be blanked.
CREATE INDEX orders_to_blank ON orders (left_new_at, number) WHERE blanked_at IS NULL AND left_new_at IS NOT NULL;
CREATE INDEX orders_to_erase ON orders (number) WHERE erase_at IS NOT NULL AND blanked_at IS NULL;

-- Due work: orders that may have expired.
CREATE INDEX orders_to_expire ON orders (slice, deadline, number) WHERE state = 'new';

CREATE TRIGGER orders_are_kept BEFORE DELETE ON orders FOR EACH ROW
EXECUTE FUNCTION refuse('an order is never deleted');

-- The buyer's data may be blanked. The CHECKs say that nothing else takes its place.
CREATE TRIGGER orders_keep_their_particulars
BEFORE UPDATE OF number, user_id, amount, currency, subject, return_url, created_at, deadline ON orders FOR EACH ROW
WHEN (
    (NEW.number, NEW.amount, NEW.currency, NEW.created_at, NEW.deadline)
    IS DISTINCT FROM (OLD.number, OLD.amount, OLD.currency, OLD.created_at, OLD.deadline)
    OR (
        NEW.blanked_at IS NULL
        AND (NEW.user_id, NEW.subject, NEW.return_url) IS DISTINCT FROM (OLD.user_id, OLD.subject, OLD.return_url)
    )
)
EXECUTE FUNCTION refuse('the particulars of an order never change');

-- Money that is on its way may need the data, and a refund is requested again as it was.
CREATE FUNCTION orders_are_blanked_when_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.blanked_at IS NOT NULL OR OLD.state = 'new' OR EXISTS (
        SELECT 1 FROM attempts
        WHERE order_number = OLD.number AND state IN ('creating', 'open', 'closing', 'exposed')
    ) OR EXISTS (
        SELECT 1 FROM refunds
        WHERE order_number = OLD.number AND state IN ('pending', 'submitted', 'needs_attention')
    ) THEN
        RAISE EXCEPTION 'orders_are_blanked_when_over: the order is not over, or is blanked';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER orders_are_blanked_when_over BEFORE UPDATE OF blanked_at ON orders FOR EACH ROW
WHEN (NEW.blanked_at IS DISTINCT FROM OLD.blanked_at)
EXECUTE FUNCTION orders_are_blanked_when_over();

CREATE TRIGGER orders_leave_new_once BEFORE UPDATE OF state, paid_by, left_new_at ON orders FOR EACH ROW
WHEN (
    OLD.state <> 'new'
    AND (NEW.state, NEW.paid_by, NEW.left_new_at) IS DISTINCT FROM (OLD.state, OLD.paid_by, OLD.left_new_at)
)
EXECUTE FUNCTION refuse('the state of a finished order never changes');

-- A provider's answer may still be on its way under the old fence. It must not be stored for a finished order.
CREATE TRIGGER orders_leave_new_with_a_higher_fence BEFORE UPDATE OF state ON orders FOR EACH ROW
WHEN (OLD.state = 'new' AND NEW.state <> 'new' AND NEW.fence <= OLD.fence)
EXECUTE FUNCTION refuse('a finished order needs a higher fence');

CREATE TRIGGER orders_fence_never_shrinks BEFORE UPDATE OF fence ON orders FOR EACH ROW
WHEN (NEW.fence < OLD.fence)
EXECUTE FUNCTION refuse('an expired lease would become valid again');

CREATE TRIGGER orders_updated_at_grows BEFORE UPDATE ON orders FOR EACH ROW
WHEN (NEW.updated_at <= OLD.updated_at)
EXECUTE FUNCTION refuse('a page in memory would be served after this change');

-- The list of orders is sorted by the transaction that changed an order last.
CREATE FUNCTION orders_note_their_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    NEW.era := (SELECT era FROM eras);
    RETURN NEW;
END $$;

CREATE TRIGGER orders_note_their_change BEFORE INSERT OR UPDATE ON orders FOR EACH ROW
EXECUTE FUNCTION orders_note_their_change();


-- ATTEMPTS: one payable transaction of an order at one provider, with the whole request as it is sent.

CREATE TABLE attempts (
    -- The number that the provider knows: the order's number, `_`, and the sequence.
    trade_no text COLLATE "C" NOT NULL PRIMARY KEY,
    order_number text COLLATE "C" NOT NULL REFERENCES orders (number),
    sequence bigint NOT NULL,

    -- The request. A retry sends it again as it is stored here.
    channel text COLLATE "C" NOT NULL,
    terminal text COLLATE "C" NOT NULL,
    -- Empty if the provider binds the trade to no payer.
    openid text COLLATE "C" NOT NULL,
    client_ip text COLLATE "C",
    amount bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    -- The provider takes no money after this instant.
    provider_deadline bigint NOT NULL,
    notify_url text COLLATE "C" NOT NULL,
    return_url text COLLATE "C",
    -- The merchant's app at the provider; NULL if the provider has no apps by terminal.
    app_id text COLLATE "C",
    created_at bigint NOT NULL,

    state text COLLATE "C" NOT NULL,
    state_since bigint NOT NULL,
    -- State `creating`: calls made, and the first of them with an unknown outcome.
    tries bigint,
    first_unknown_at bigint,
    -- States `creating` and `closing`: the next recovery, if this process dies.
    recover_at bigint,
    -- A close that got no answer, which the provider may still execute.
    close_unanswered_at bigint,
    -- The provider's own end of the session, if it differs from the deadline.
    session_ends_at bigint,
    -- The provider's own name for the trade, if it takes no calls by our number.
    provider_reference text COLLATE "C",

    -- The next query; NULL if none is planned. The last query is made at `last_word_at`.
    ask_at bigint,
    last_word_at bigint NOT NULL,
    slice smallint NOT NULL GENERATED ALWAYS AS (slice_of(order_number)) STORED,

    -- Providers take at most 32 characters.
    CONSTRAINT attempts_trade_no CHECK (trade_no = order_number || '_' || sequence::text AND length(trade_no) <= 32),
    CONSTRAINT attempts_sequence CHECK (sequence >= 1),
    CONSTRAINT attempts_channel CHECK (
        channel ~ '^[a-z][a-z0-9_]{0,31}$'
    ),
    CONSTRAINT attempts_terminal CHECK (terminal IN ('pc', 'h5', 'app', 'jsapi', 'mini')),
    CONSTRAINT attempts_payer CHECK (length(openid) <= 512 AND coalesce(length(client_ip) BETWEEN 1 AND 128, true)),
    CONSTRAINT attempts_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT attempts_currency CHECK (currency ~ '^[A-Z]{3}$'),
    -- Empty once it is blanked.
    CONSTRAINT attempts_subject CHECK (length(subject) <= 508),
    CONSTRAINT attempts_urls CHECK (
        length(notify_url) BETWEEN 1 AND 8192 AND coalesce(length(return_url) BETWEEN 1 AND 8192, true)
    ),
    CONSTRAINT attempts_app_id CHECK (app_id IS NULL OR length(app_id) BETWEEN 1 AND 64),
    CONSTRAINT attempts_times CHECK (
        provider_deadline BETWEEN 0 AND 253402300799999 AND created_at BETWEEN 0 AND 253402300799999
        AND state_since BETWEEN 0 AND 253402300799999 AND coalesce(session_ends_at BETWEEN 0 AND 253402300799999, true)
    ),
    CONSTRAINT attempts_state CHECK (
        state IN ('creating', 'open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid')
    ),
    CONSTRAINT attempts_tries CHECK (
        (state = 'creating') = (tries IS NOT NULL) AND coalesce(tries BETWEEN 1 AND 1000000, true)
    ),
    CONSTRAINT attempts_first_unknown_at CHECK (
        first_unknown_at IS NULL OR (state = 'creating' AND first_unknown_at BETWEEN 0 AND 253402300799999)
    ),
    CONSTRAINT attempts_recover_at CHECK (
        (state IN ('creating', 'closing')) = (recover_at IS NOT NULL)
        AND coalesce(recover_at BETWEEN 0 AND 253402300799999, true)
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
            (state IN ('open', 'exposed', 'closed', 'failed'))
            AND ask_at BETWEEN 0 AND 253402300799999
        )
    ),
    CONSTRAINT attempts_last_word_at CHECK (last_word_at BETWEEN 0 AND 253402300799999)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX attempts_in_order ON attempts (order_number, sequence);

-- The main rule: at most one attempt of an order is `creating`, `open` or `closing`.
CREATE UNIQUE INDEX attempts_one_live ON attempts (order_number)
WHERE state IN ('creating', 'open', 'closing');

-- Due work: attempts to recover, to query, and to close at their deadline.
CREATE INDEX attempts_to_recover ON attempts (slice, recover_at, order_number) WHERE recover_at IS NOT NULL;
CREATE INDEX attempts_to_ask ON attempts (slice, ask_at, trade_no) WHERE ask_at IS NOT NULL;
CREATE INDEX attempts_to_end ON attempts (slice, provider_deadline, order_number) WHERE state = 'open';

-- The counts of attempts that may take money, and of those that are over but whose last query is due.
CREATE INDEX attempts_in_work ON attempts (channel, state)
WHERE state = 'creating' OR state = 'open' OR state = 'closing' OR state = 'exposed';
CREATE INDEX attempts_over_to_ask ON attempts (channel)
WHERE ask_at IS NOT NULL AND (state = 'closed' OR state = 'failed');

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts FOR EACH ROW
EXECUTE FUNCTION refuse('a trade that a provider knows is never deleted');

-- Some providers refuse a second call for one number with a changed request.
CREATE FUNCTION attempts_keep_their_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.trade_no, NEW.order_number, NEW.sequence, NEW.channel, NEW.terminal, NEW.amount, NEW.currency,
            NEW.provider_deadline, NEW.notify_url, NEW.app_id, NEW.created_at)
        IS NOT DISTINCT FROM
        (OLD.trade_no, OLD.order_number, OLD.sequence, OLD.channel, OLD.terminal, OLD.amount, OLD.currency,
            OLD.provider_deadline, OLD.notify_url, OLD.app_id, OLD.created_at)
        AND NEW.openid = '' AND NEW.client_ip IS NULL AND NEW.subject = '' AND NEW.return_url IS NULL
        AND EXISTS (SELECT 1 FROM orders WHERE number = OLD.order_number AND blanked_at IS NOT NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'attempts_keep_their_request: a stored request never changes';
END $$;

CREATE TRIGGER attempts_keep_their_request
BEFORE UPDATE OF trade_no, order_number, sequence, channel, terminal, openid, client_ip, amount, currency, subject,
    provider_deadline, notify_url, return_url, app_id, created_at ON attempts FOR EACH ROW
WHEN (
    (NEW.trade_no, NEW.order_number, NEW.sequence, NEW.channel, NEW.terminal, NEW.openid, NEW.client_ip, NEW.amount,
        NEW.currency, NEW.subject, NEW.provider_deadline, NEW.notify_url, NEW.return_url, NEW.app_id, NEW.created_at)
    IS DISTINCT FROM
    (OLD.trade_no, OLD.order_number, OLD.sequence, OLD.channel, OLD.terminal, OLD.openid, OLD.client_ip, OLD.amount,
        OLD.currency, OLD.subject, OLD.provider_deadline, OLD.notify_url, OLD.return_url, OLD.app_id, OLD.created_at)
)
EXECUTE FUNCTION attempts_keep_their_request();

-- The permitted transitions. AttemptStateName.mayBecome in the core lists the same, and a test compares both.
CREATE FUNCTION attempts_move_by_the_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (CASE OLD.state
        WHEN 'creating' THEN NEW.state IN ('open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid')
        WHEN 'open' THEN NEW.state IN ('closing', 'closed', 'lapsed', 'paid')
        WHEN 'closing' THEN NEW.state IN ('exposed', 'closed', 'lapsed', 'paid')
        WHEN 'exposed' THEN NEW.state IN ('open', 'closing', 'closed', 'lapsed', 'paid')
        WHEN 'closed' THEN NEW.state = 'paid'
        WHEN 'failed' THEN NEW.state = 'paid'
        WHEN 'lapsed' THEN NEW.state = 'paid'
        ELSE false
    END) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'attempts_move_by_the_table: no such transition' USING CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER attempts_move_by_the_table BEFORE UPDATE OF state ON attempts FOR EACH ROW
WHEN (NEW.state <> OLD.state)
EXECUTE FUNCTION attempts_move_by_the_table();

CREATE TRIGGER attempts_keep_their_last_word BEFORE UPDATE OF last_word_at ON attempts FOR EACH ROW
WHEN (NEW.last_word_at IS DISTINCT FROM OLD.last_word_at)
EXECUTE FUNCTION refuse('the instant of the last query never changes');

-- The provider may know an attempt that a restore lost. Twenty attempts is the most that an order has. An attempt that
-- was lost is stored with its money, as `exposed` or `paid`.
CREATE FUNCTION attempts_skip_lost_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence <= 20 * (SELECT coalesce(max(number), 0) FROM restores) THEN
        RAISE EXCEPTION 'attempts_skip_lost_numbers: the number may be a trade that a restore lost';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER attempts_skip_lost_numbers BEFORE INSERT ON attempts FOR EACH ROW
WHEN (NEW.state = 'creating')
EXECUTE FUNCTION attempts_skip_lost_numbers();

-- Queries and closes use the reference, and a notice must name it.
CREATE TRIGGER attempts_keep_their_reference BEFORE UPDATE OF provider_reference ON attempts FOR EACH ROW
WHEN (OLD.provider_reference IS NOT NULL AND NEW.provider_reference IS DISTINCT FROM OLD.provider_reference)
EXECUTE FUNCTION refuse('the provider''s name for a trade never changes');

ALTER TABLE orders
ADD FOREIGN KEY (paid_by) REFERENCES attempts (trade_no) DEFERRABLE INITIALLY DEFERRED;


-- PAGES: the provider's payment page of an attempt, for one terminal and payer. A repay is answered from here.

CREATE TABLE pages (
    -- Grows: a page that is minted again is a new row.
    id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    trade_no text COLLATE "C" NOT NULL REFERENCES attempts (trade_no),
    order_number text COLLATE "C" NOT NULL GENERATED ALWAYS AS (order_of(trade_no)) STORED,
    terminal text COLLATE "C" NOT NULL,
    -- Empty if the provider binds the page to no payer.
    openid text COLLATE "C" NOT NULL,
    -- The terminals that may get this page, as a sum: pc 1, h5 2, app 4, jsapi 8, mini 16.
    serves smallint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content text COLLATE "C" NOT NULL,
    minted_at bigint NOT NULL,
    -- The page is served up to, not at, this instant.
    expires_at bigint NOT NULL,

    CONSTRAINT pages_one_for_terminal_and_payer PRIMARY KEY (trade_no, terminal, openid),
    CONSTRAINT pages_terminal CHECK (terminal IN ('pc', 'h5', 'app', 'jsapi', 'mini')),
    CONSTRAINT pages_openid CHECK (length(openid) <= 512),
    CONSTRAINT pages_serves CHECK (
        serves BETWEEN 1 AND 31
        AND serves & CASE terminal
            WHEN 'pc' THEN 1 WHEN 'h5' THEN 2 WHEN 'app' THEN 4 WHEN 'jsapi' THEN 8 WHEN 'mini' THEN 16
        END <> 0
    ),
    CONSTRAINT pages_kind CHECK (kind IN ('html', 'qr', 'redirect', 'sdk')),
    -- 1 MiB: a provider's form has a few kilobytes.
    CONSTRAINT pages_content CHECK (length(content) BETWEEN 1 AND 1048576),
    CONSTRAINT pages_times CHECK (
        minted_at BETWEEN 0 AND 253402300799999 AND expires_at BETWEEN 0 AND 253402300799999
    )
);

CREATE INDEX pages_of_order ON pages (order_number);

CREATE TRIGGER pages_only_end_sooner BEFORE UPDATE OF expires_at ON pages FOR EACH ROW
WHEN (NEW.expires_at > OLD.expires_at)
EXECUTE FUNCTION refuse('an expired page is minted again, never prolonged');

-- Finished orders whose pages are not purged yet. The purge finds them by the key, among any number of orders.
CREATE TABLE pages_to_purge (
    left_new_at bigint NOT NULL,
    order_number text COLLATE "C" NOT NULL REFERENCES orders (number),
    slice smallint NOT NULL GENERATED ALWAYS AS (slice_of(order_number)) STORED,

    PRIMARY KEY (left_new_at, order_number),
    CONSTRAINT pages_to_purge_left_new_at CHECK (left_new_at BETWEEN 0 AND 253402300799999)
);

CREATE INDEX pages_to_purge_by_slice ON pages_to_purge (slice, left_new_at, order_number);

CREATE FUNCTION orders_leave_pages_to_purge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pages_to_purge (left_new_at, order_number) VALUES (NEW.left_new_at, NEW.number);
    RETURN NULL;
END $$;

CREATE TRIGGER orders_leave_pages_to_purge AFTER UPDATE OF state ON orders FOR EACH ROW
WHEN (OLD.state = 'new' AND NEW.state <> 'new')
EXECUTE FUNCTION orders_leave_pages_to_purge();

CREATE TRIGGER orders_come_with_pages_to_purge AFTER INSERT ON orders FOR EACH ROW
WHEN (NEW.state <> 'new')
EXECUTE FUNCTION orders_leave_pages_to_purge();


-- IDEMPOTENCY KEYS: a caller's key, and the order or the attempt that its call led to. A key never stores a page.

CREATE TABLE idempotency_keys (
    -- The caller, the method and the path. The user id is the longest part, with 512 scalars.
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    -- A digest of the request: another request under the same key is refused.
    fingerprint text COLLATE "C" NOT NULL,
    -- The order that the call made without an attempt; NULL if the call led to an attempt.
    order_number text COLLATE "C" REFERENCES orders (number),
    trade_no text COLLATE "C" REFERENCES attempts (trade_no),
    -- The refund that the call led to; NULL for a pay call.
    refund_number text COLLATE "C",
    -- 1 if the call made the order, or the refund.
    made_order smallint NOT NULL,
    expires_at bigint NOT NULL,
    -- The fence of the lease under which the call is in flight; NULL once it is answered. The claim ends with the
    -- lease.
    claimed_under bigint,

    PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_keys_scope CHECK (length(scope) BETWEEN 1 AND 2048),
    CONSTRAINT idempotency_keys_key CHECK (length(key) BETWEEN 1 AND 255 AND key !~ '[^!-~]'),
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
);

-- The purge of expired keys.
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- A claim expires 24 h (86400000 ms) after its instant. At that instant the replaced key must have expired.
CREATE TRIGGER idempotency_keys_stay_used BEFORE UPDATE ON idempotency_keys FOR EACH ROW
WHEN (
    OLD.claimed_under IS NULL AND NEW.claimed_under IS NOT NULL AND NEW.expires_at - 86400000 < OLD.expires_at
)
EXECUTE FUNCTION refuse('a key with an answer is not claimed before it expires');

-- A key can change to another request only if the lease of the first one has ended.
CREATE FUNCTION idempotency_keys_mark_one_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM attempts JOIN orders ON orders.number = attempts.order_number
        WHERE attempts.trade_no = OLD.trade_no AND orders.fence = OLD.claimed_under
            AND orders.lease_unanswered = 0 AND orders.lease_ends_at > NEW.expires_at - 86400000
    ) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'idempotency_keys_mark_one_request: another request is in flight under this key'
        USING CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER idempotency_keys_mark_one_request BEFORE UPDATE ON idempotency_keys FOR EACH ROW
WHEN (OLD.claimed_under IS NOT NULL AND NEW.fingerprint IS DISTINCT FROM OLD.fingerprint)
EXECUTE FUNCTION idempotency_keys_mark_one_request();


-- RECEIPTS: proof from a provider that money arrived. Each payment is stored once, whatever it is.

CREATE TABLE receipts (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    trade_no text COLLATE "C" NOT NULL REFERENCES attempts (trade_no),
    order_number text COLLATE "C" NOT NULL GENERATED ALWAYS AS (order_of(trade_no)) STORED,
    channel text COLLATE "C" NOT NULL,
    -- The provider's number of the payment.
    transaction_id text COLLATE "C" NOT NULL,
    -- The provider's values, without limits: a payment that doesn't match is stored as `disputed`.
    amount bigint NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    paid_at bigint NOT NULL,
    names_our_account smallint NOT NULL,
    -- 1 if the money had gone back in full before the receipt was stored.
    returned smallint NOT NULL,
    standing text COLLATE "C" NOT NULL,
    -- 1 if a person decided a dispute about it. The history tells who and why.
    ruled_on smallint NOT NULL,
    recorded_at bigint NOT NULL,

    CONSTRAINT receipts_channel CHECK (
        channel ~ '^[a-z][a-z0-9_]{0,31}$'
    ),
    CONSTRAINT receipts_transaction_id CHECK (length(transaction_id) BETWEEN 1 AND 255),
    CONSTRAINT receipts_names_our_account CHECK (names_our_account IN (0, 1)),
    CONSTRAINT receipts_returned CHECK (returned = 1 OR (returned = 0 AND standing <> 'returned')),
    CONSTRAINT receipts_standing CHECK (
        standing IN ('honest', 'duplicate', 'late', 'returned', 'disputed', 'rejected')
    ),
    CONSTRAINT receipts_ruled_on CHECK (ruled_on = 0 OR (ruled_on = 1 AND standing <> 'disputed')),
    CONSTRAINT receipts_rejected_by_ruling CHECK (standing <> 'rejected' OR ruled_on = 1),
    -- Only a person can let money of another account, or of no amount, count.
    CONSTRAINT receipts_foreign_are_disputed CHECK (
        standing = 'disputed' OR ruled_on = 1 OR (names_our_account = 1 AND amount > 0)
    ),
    CONSTRAINT receipts_recorded_at CHECK (recorded_at BETWEEN 0 AND 253402300799999)
);

-- The transaction comes first, because people search for it without a channel.
CREATE UNIQUE INDEX receipts_one_for_transaction ON receipts (transaction_id, channel);

CREATE INDEX receipts_of_trade ON receipts (trade_no);
CREATE INDEX receipts_of_order ON receipts (order_number, id);

-- The list of disputes, for people.
CREATE INDEX receipts_disputed ON receipts (id) WHERE standing = 'disputed';

-- Reconciliation: the payments of a day.
CREATE INDEX receipts_by_time ON receipts (channel, paid_at, id);

CREATE TRIGGER receipts_are_kept BEFORE DELETE ON receipts FOR EACH ROW
EXECUTE FUNCTION refuse('proof of money is never deleted');

-- A disputed receipt may take new particulars, but only in the update that decides the dispute.
CREATE TRIGGER receipts_keep_their_particulars
BEFORE UPDATE OF id, trade_no, channel, transaction_id, amount, currency_code, paid_at, names_our_account, returned,
    ruled_on, recorded_at ON receipts FOR EACH ROW
WHEN (
    (NEW.id, NEW.trade_no, NEW.channel, NEW.transaction_id, NEW.recorded_at)
    IS DISTINCT FROM
    (OLD.id, OLD.trade_no, OLD.channel, OLD.transaction_id, OLD.recorded_at)
    OR OLD.standing <> 'disputed' OR NEW.standing = 'disputed'
)
EXECUTE FUNCTION refuse('proof of money never changes');

CREATE TRIGGER receipts_are_decided_once BEFORE UPDATE OF standing ON receipts FOR EACH ROW
WHEN (OLD.standing <> 'disputed' AND NEW.standing IS DISTINCT FROM OLD.standing)
EXECUTE FUNCTION refuse('only a disputed receipt can be decided');


-- REFUNDS: money on its way back, in full or in part.

CREATE TABLE refunds (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_number text COLLATE "C" NOT NULL REFERENCES orders (number),
    -- The trade's number, `_r` or `_m`, and a count. For a refund that was made in the provider's console: its number
    -- there.
    number text COLLATE "C" NOT NULL,
    -- The merchant's own number, if the merchant gave one.
    refund_no text COLLATE "C",
    trade_no text COLLATE "C" NOT NULL REFERENCES attempts (trade_no),
    channel text COLLATE "C" NOT NULL,
    transaction_id text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    cause text COLLATE "C" NOT NULL,
    reason text COLLATE "C",
    created_at bigint NOT NULL,

    state text COLLATE "C" NOT NULL,
    -- The next call; NULL if none is planned.
    ask_at bigint,
    -- 1 once the provider has accepted the refund: it is then queried, and not requested again.
    was_submitted smallint NOT NULL,
    -- Tries that were refused by a code that isn't final, and the first of them.
    refused_tries bigint NOT NULL,
    refused_since bigint,
    -- The provider's code for its last refusal.
    provider_code text COLLATE "C",
    -- How often another number was taken, because the provider had closed the refund under the one before. The provider
    -- knows the refund by `number`, then by `number` with `_2`, `_3`, … behind it.
    renewals bigint NOT NULL,
    -- 1 if the provider closed the refund under its present number.
    number_used_up smallint NOT NULL,
    -- When the provider was last asked to make the refund.
    requested_at bigint,
    refunded_at bigint,
    slice smallint NOT NULL GENERATED ALWAYS AS (slice_of(order_number)) STORED,

    -- Only money that arrived can go back.
    FOREIGN KEY (channel, transaction_id) REFERENCES receipts (channel, transaction_id),
    CONSTRAINT refunds_trade_no CHECK (substr(trade_no, 1, length(order_number) + 1) = order_number || '_'),
    CONSTRAINT refunds_number CHECK (
        length(number) BETWEEN 1 AND CASE cause WHEN 'provider' THEN 255 ELSE 64 END
        AND CASE cause
            WHEN 'provider' THEN number !~ '[^!-~]'
            WHEN 'merchant' THEN substr(number, 1, length(trade_no) + 2) = trade_no || '_m'
            ELSE substr(number, 1, length(trade_no) + 2) = trade_no || '_r'
        END
    ),
    CONSTRAINT refunds_refund_no CHECK (
        refund_no IS NULL
        OR (cause = 'merchant' AND length(refund_no) BETWEEN 1 AND 32 AND refund_no !~ '[^0-9A-Za-z_]')
    ),
    CONSTRAINT refunds_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT refunds_currency CHECK (currency ~ '^[A-Z]{3}$'),
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
        (refused_tries = 0) = (refused_since IS NULL) AND coalesce(refused_since BETWEEN 0 AND 253402300799999, true)
    ),
    CONSTRAINT refunds_provider_code CHECK (length(provider_code) BETWEEN 1 AND 64),
    CONSTRAINT refunds_renewals CHECK (renewals BETWEEN 0 AND 1000000),
    CONSTRAINT refunds_number_used_up CHECK (number_used_up = 0 OR (number_used_up = 1 AND state = 'failed')),
    CONSTRAINT refunds_requested_at CHECK (requested_at BETWEEN 0 AND 253402300799999),
    CONSTRAINT refunds_refunded_at CHECK (
        (state = 'succeeded') = (refunded_at IS NOT NULL) AND coalesce(refunded_at BETWEEN 0 AND 253402300799999, true)
    )
);

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
CREATE INDEX refunds_to_ask ON refunds (slice, ask_at, number) WHERE ask_at IS NOT NULL;

-- The operator's list of a state, the latest first.
CREATE INDEX refunds_by_state ON refunds (state, id);

-- The list for people: refunds that need one.
CREATE INDEX refunds_for_people ON refunds (state, created_at) WHERE state IN ('failed', 'needs_attention');

CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds FOR EACH ROW
EXECUTE FUNCTION refuse('a refund is never deleted');

-- True if less has arrived than the refunds of the payment. The receipt is locked first, so that a refund counts that
-- another transaction is writing.
CREATE FUNCTION refunds_exceed_the_payment(refund refunds) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    arrived bigint;
BEGIN
    SELECT amount INTO arrived FROM receipts
    WHERE channel = refund.channel AND transaction_id = refund.transaction_id FOR NO KEY UPDATE;
    RETURN arrived < (
        SELECT sum(amount) FROM refunds
        WHERE channel = refund.channel AND transaction_id = refund.transaction_id AND state <> 'failed'
    );
END $$;

-- A refund that was made in the provider's console is stored in any case: that money has gone.
CREATE FUNCTION refunds_never_exceed_the_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF refunds_exceed_the_payment(NEW) OR EXISTS (
        SELECT FROM receipts
        WHERE channel = NEW.channel AND transaction_id = NEW.transaction_id AND currency_code <> NEW.currency
    ) THEN
        RAISE EXCEPTION 'refunds_never_exceed_the_payment: more would go back than arrived' USING CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER refunds_never_exceed_the_payment AFTER INSERT ON refunds FOR EACH ROW
WHEN (NEW.cause <> 'provider' AND NEW.state <> 'failed')
EXECUTE FUNCTION refunds_never_exceed_the_payment();

CREATE FUNCTION refunds_are_retried_within_the_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF refunds_exceed_the_payment(NEW) THEN
        RAISE EXCEPTION 'refunds_are_retried_within_the_payment: more would go back than arrived'
            USING CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER refunds_are_retried_within_the_payment AFTER UPDATE OF state ON refunds FOR EACH ROW
WHEN (OLD.state = 'failed' AND NEW.state = 'pending')
EXECUTE FUNCTION refunds_are_retried_within_the_payment();

CREATE TRIGGER refunds_keep_their_particulars
BEFORE UPDATE OF id, order_number, number, refund_no, trade_no, channel, transaction_id, amount, currency, cause,
    created_at ON refunds FOR EACH ROW
EXECUTE FUNCTION refuse('a refund is requested again as it was');

CREATE FUNCTION refunds_keep_their_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reason IS NULL AND EXISTS (SELECT 1 FROM orders WHERE number = OLD.order_number AND blanked_at IS NOT NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'refunds_keep_their_reason: only the reason of a blanked order is blanked';
END $$;

CREATE TRIGGER refunds_keep_their_reason BEFORE UPDATE OF reason ON refunds FOR EACH ROW
WHEN (NEW.reason IS DISTINCT FROM OLD.reason)
EXECUTE FUNCTION refunds_keep_their_reason();

-- A number under which a refund may have succeeded is never replaced by another.
CREATE TRIGGER refunds_are_renewed_once_closed BEFORE UPDATE OF renewals ON refunds FOR EACH ROW
WHEN (NEW.renewals <> OLD.renewals AND NOT (NEW.renewals = OLD.renewals + 1 AND OLD.number_used_up = 1))
EXECUTE FUNCTION refuse('another number could be a second refund');

-- An operator can retry a failed refund. A provider can revoke one that succeeded.
CREATE TRIGGER refunds_succeed_once BEFORE UPDATE OF state ON refunds FOR EACH ROW
WHEN (OLD.state = 'succeeded' AND NEW.state <> 'succeeded' AND NEW.state <> 'failed')
EXECUTE FUNCTION refuse('money that went back is not sent again');


-- NOTICES: a provider's messages as they were received and verified, even about a trade that isn't ours.

CREATE TABLE notices (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    channel text COLLATE "C" NOT NULL,
    -- The provider's number of the notice, and its spelling of the trade's number. Both can have any form.
    notice_id text COLLATE "C" NOT NULL,
    trade_no text COLLATE "C" NOT NULL,
    -- NULL for an orphan.
    order_number text COLLATE "C" REFERENCES orders (number),
    body text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    received_at bigint NOT NULL,

    CONSTRAINT notices_channel CHECK (
        channel ~ '^[a-z][a-z0-9_]{0,31}$'
    ),
    -- 1 MiB: far above the server's limit for a request's body.
    CONSTRAINT notices_body CHECK (length(body) <= 1048576),
    CONSTRAINT notices_outcome CHECK (
        outcome IN ('paid', 'duplicate', 'late', 'returned', 'repeated', 'disputed', 'orphan')
    ),
    CONSTRAINT notices_order_number CHECK ((outcome = 'orphan') = (order_number IS NULL)),
    CONSTRAINT notices_received_at CHECK (received_at BETWEEN 0 AND 253402300799999)
);

CREATE UNIQUE INDEX notices_one_for_id ON notices (channel, notice_id);

CREATE INDEX notices_of_order ON notices (order_number) WHERE order_number IS NOT NULL;
-- The last notice of a channel.
CREATE INDEX notices_by_time ON notices (channel, received_at);

-- A new order of a restored database looks for the notices that came before it.
CREATE INDEX notices_of_unknown_orders ON notices (trade_no) WHERE order_number IS NULL;

CREATE TRIGGER notices_keep_their_body BEFORE UPDATE OF body ON notices FOR EACH ROW
WHEN (NEW.body <> OLD.body AND NEW.body <> '')
EXECUTE FUNCTION refuse('a notice stays as it was received, or is blanked');


-- EVENTS: the events of orders that the merchant is told of. An event is stored in the transaction that causes it, and
-- never changes.

CREATE TABLE events (
    -- Never reused: the merchant recognises a repeated message by it. Numbers of one order increase.
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_number text COLLATE "C" NOT NULL REFERENCES orders (number),
    kind text COLLATE "C" NOT NULL,
    trade_no text COLLATE "C" REFERENCES attempts (trade_no),
    transaction_id text COLLATE "C",
    -- The number that the refund is stored under.
    refund_number text COLLATE "C",
    -- The provider's code in an event of a refund.
    provider_code text COLLATE "C",
    -- Its foreign key follows behind the differences.
    difference_id bigint,
    occurred_at bigint NOT NULL,
    -- The transaction that stored the event. A list in this order, up to the oldest running transaction, misses none.
    era smallint NOT NULL DEFAULT present_era(),
    stored_in xid8 NOT NULL DEFAULT pg_current_xact_id(),

    CONSTRAINT events_kind CHECK (kind IN (
        'order.paid', 'order.closed', 'order.expired', 'payment.duplicate', 'payment.late', 'payment.returned',
        'payment.disputed', 'refund.succeeded', 'refund.failed', 'refund.needs_attention', 'reconciliation.difference'
    )),
    CONSTRAINT events_trade_no CHECK (
        (kind IN ('order.closed', 'order.expired', 'reconciliation.difference')) = (trade_no IS NULL)
    ),
    CONSTRAINT events_difference_id CHECK ((kind = 'reconciliation.difference') = (difference_id IS NOT NULL)),
    CONSTRAINT events_transaction_id CHECK (length(transaction_id) BETWEEN 1 AND 255),
    CONSTRAINT events_refund_number CHECK (
        (kind IN ('refund.succeeded', 'refund.failed', 'refund.needs_attention')) = (refund_number IS NOT NULL)
        AND coalesce(length(refund_number) BETWEEN 1 AND 255, true)
    ),
    CONSTRAINT events_provider_code CHECK (length(provider_code) BETWEEN 1 AND 64),
    CONSTRAINT events_occurred_at CHECK (occurred_at BETWEEN 0 AND 253402300799999)
);

CREATE INDEX events_of_order ON events (order_number, id);

-- The events since an instant, which an operator sends again.
CREATE INDEX events_by_time ON events (occurred_at, id);

-- The merchant's list of events.
CREATE INDEX events_by_commit ON events (era, stored_in, id);

-- The events of a rare kind among any number of others.
CREATE INDEX events_by_kind ON events (kind, era, stored_in, id);

CREATE TRIGGER events_are_kept BEFORE DELETE ON events FOR EACH ROW
EXECUTE FUNCTION refuse('an event for the merchant is never deleted');

CREATE TRIGGER events_never_change BEFORE UPDATE ON events FOR EACH ROW
EXECUTE FUNCTION refuse('an event for the merchant never changes');


-- WEBHOOK ENDPOINTS: the receivers of events. A start of the service writes them, so that a command knows them too.

CREATE TABLE webhook_endpoints (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    -- The scheme and host of its URL. The path and the query may hold a key of the merchant.
    origin text COLLATE "C" NOT NULL,
    -- The kinds of its events, each between two spaces. NULL for every kind.
    kinds text COLLATE "C",
    -- 0 since the endpoint was removed from the settings. New events pass it by.
    active smallint NOT NULL,
    added_at bigint NOT NULL,

    CONSTRAINT webhook_endpoints_name CHECK (name ~ '^[a-z][a-z0-9_]{0,31}$'),
    CONSTRAINT webhook_endpoints_origin CHECK (length(origin) BETWEEN 1 AND 1024),
    CONSTRAINT webhook_endpoints_kinds CHECK (
        length(kinds) BETWEEN 3 AND 1024 AND substr(kinds, 1, 1) = ' ' AND substr(kinds, length(kinds), 1) = ' '
    ),
    CONSTRAINT webhook_endpoints_active CHECK (active IN (0, 1)),
    CONSTRAINT webhook_endpoints_added_at CHECK (added_at BETWEEN 0 AND 253402300799999)
);

CREATE TRIGGER webhook_endpoints_are_kept BEFORE DELETE ON webhook_endpoints FOR EACH ROW
EXECUTE FUNCTION refuse('deliveries name their endpoint; set it inactive');

CREATE TRIGGER webhook_endpoints_keep_their_name BEFORE UPDATE OF name, added_at ON webhook_endpoints FOR EACH ROW
EXECUTE FUNCTION refuse('deliveries name their endpoint');


-- DELIVERIES: the outbox. An event has a delivery for each endpoint that it is for.

CREATE TABLE deliveries (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    event_id bigint NOT NULL REFERENCES events (id),
    -- The event's order.
    order_number text COLLATE "C" NOT NULL,
    -- Without a foreign key: each commit would lock the endpoint's row.
    endpoint text COLLATE "C" NOT NULL,

    state text COLLATE "C" NOT NULL DEFAULT 'pending',
    -- Claims so far. Only the answer of the latest claim is stored.
    tries bigint NOT NULL DEFAULT 0,
    -- Claims before an operator resent the event: the back-off starts again after them.
    tries_before bigint NOT NULL DEFAULT 0,
    -- 1 while a claim has no stored answer.
    sending smallint NOT NULL DEFAULT 0,
    -- Pending: the earliest next try, or the end of the claim.
    next_at bigint NOT NULL DEFAULT 0,
    -- Pending: since the event, or since an operator resent it.
    waits_since bigint NOT NULL DEFAULT 0,
    delivered_at bigint,
    last_answer text COLLATE "C",

    CONSTRAINT deliveries_endpoint CHECK (endpoint ~ '^[a-z][a-z0-9_]{0,31}$'),
    CONSTRAINT deliveries_state CHECK (state IN ('pending', 'delivered', 'parked')),
    CONSTRAINT deliveries_tries CHECK (tries BETWEEN 0 AND 1000000000),
    CONSTRAINT deliveries_tries_before CHECK (tries_before BETWEEN 0 AND tries),
    CONSTRAINT deliveries_sending CHECK (sending = 0 OR (sending = 1 AND state = 'pending' AND tries > tries_before)),
    CONSTRAINT deliveries_times CHECK (
        next_at BETWEEN 0 AND 253402300799999 AND waits_since BETWEEN 0 AND 253402300799999
    ),
    CONSTRAINT deliveries_delivered_at CHECK (
        coalesce(delivered_at BETWEEN 0 AND 253402300799999, state <> 'delivered')
    ),
    CONSTRAINT deliveries_last_answer CHECK (length(last_answer) BETWEEN 1 AND 800)
) WITH (fillfactor = 85);

CREATE UNIQUE INDEX deliveries_one_for_endpoint ON deliveries (event_id, endpoint);

-- Due work of an endpoint: pending deliveries, and the earlier pending deliveries of the same order. The first index
-- also has all that a count of the waiting deliveries reads.
CREATE INDEX deliveries_due ON deliveries (endpoint, next_at, event_id, waits_since) WHERE state = 'pending';
CREATE INDEX deliveries_waiting ON deliveries (order_number, endpoint, event_id) WHERE state = 'pending';

-- The operator's list of parked deliveries.
CREATE INDEX deliveries_given_up ON deliveries (id) WHERE state = 'parked';
-- The operator's list of an endpoint's deliveries.
CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint, id);

CREATE TRIGGER deliveries_are_kept BEFORE DELETE ON deliveries FOR EACH ROW
EXECUTE FUNCTION refuse('a delivery to the merchant is never deleted');

CREATE TRIGGER deliveries_keep_their_event
BEFORE UPDATE OF id, event_id, order_number, endpoint ON deliveries FOR EACH ROW
EXECUTE FUNCTION refuse('a delivery keeps its event and its endpoint');

-- A pending delivery changes its state by the answer to a claim. A finished one can only be resent.
CREATE TRIGGER deliveries_move_by_a_try BEFORE UPDATE OF state ON deliveries FOR EACH ROW
WHEN (
    NEW.state <> OLD.state AND NOT CASE OLD.state
        WHEN 'pending' THEN OLD.sending = 1
        ELSE NEW.state = 'pending' AND NEW.tries_before = NEW.tries
    END
)
EXECUTE FUNCTION refuse('no such transition');

CREATE TRIGGER deliveries_count_every_try BEFORE UPDATE OF tries, tries_before ON deliveries FOR EACH ROW
WHEN (NEW.tries < OLD.tries OR NEW.tries_before < OLD.tries_before)
EXECUTE FUNCTION refuse('an expired claim would become valid again');

-- The events of one order are sent to an endpoint one after the other.
CREATE FUNCTION deliveries_go_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM deliveries
        WHERE order_number = NEW.order_number AND endpoint = NEW.endpoint AND event_id < NEW.event_id
            AND state = 'pending'
    ) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'deliveries_go_in_order: an earlier event of the order is still pending'
        USING CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER deliveries_go_in_order BEFORE UPDATE OF tries ON deliveries FOR EACH ROW
WHEN (NEW.tries > OLD.tries)
EXECUTE FUNCTION deliveries_go_in_order();

-- Each new event has a delivery for every active endpoint that it is for. A delivery gets the due time of the pending
-- ones before it, so that it isn't found in vain.
CREATE FUNCTION events_reach_their_endpoints() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deliveries (event_id, order_number, endpoint, waits_since, next_at)
    SELECT
        event.id, event.order_number, endpoint.name, event.occurred_at,
        greatest(event.occurred_at, coalesce((
            SELECT max(earlier.next_at) FROM deliveries AS earlier
            WHERE earlier.order_number = event.order_number AND earlier.endpoint = endpoint.name
                AND earlier.state = 'pending'
        ), 0))
    FROM new_events AS event CROSS JOIN webhook_endpoints AS endpoint
    WHERE endpoint.active = 1
        AND (endpoint.kinds IS NULL OR strpos(endpoint.kinds, ' ' || event.kind || ' ') > 0)
    ORDER BY event.id, endpoint.name;
    RETURN NULL;
END $$;

CREATE TRIGGER events_reach_their_endpoints AFTER INSERT ON events REFERENCING NEW TABLE AS new_events
FOR EACH STATEMENT EXECUTE FUNCTION events_reach_their_endpoints();


-- DELIVERY ATTEMPTS: the last tries of a delivery, with the endpoint's answer. A try whose process died has no row.

CREATE TABLE delivery_attempts (
    delivery_id bigint NOT NULL REFERENCES deliveries (id),
    -- The claim that the try was made under.
    number bigint NOT NULL,
    began_at bigint NOT NULL,
    -- In milliseconds.
    took bigint NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    -- The HTTP status. NULL without a readable answer.
    status bigint,
    answer text COLLATE "C" NOT NULL,
    -- The beginning of the answer's body.
    excerpt text COLLATE "C",

    PRIMARY KEY (delivery_id, number),
    CONSTRAINT delivery_attempts_number CHECK (number BETWEEN 1 AND 1000000000),
    CONSTRAINT delivery_attempts_began_at CHECK (began_at BETWEEN 0 AND 253402300799999),
    CONSTRAINT delivery_attempts_took CHECK (took BETWEEN 0 AND 1000000000),
    CONSTRAINT delivery_attempts_outcome CHECK (outcome IN ('accepted', 'refused', 'unanswered')),
    CONSTRAINT delivery_attempts_status CHECK (status BETWEEN 100 AND 999),
    CONSTRAINT delivery_attempts_answer CHECK (length(answer) BETWEEN 1 AND 800),
    CONSTRAINT delivery_attempts_excerpt CHECK (length(excerpt) BETWEEN 1 AND 4000)
);

CREATE TRIGGER delivery_attempts_never_change BEFORE UPDATE ON delivery_attempts FOR EACH ROW
EXECUTE FUNCTION refuse('a try and its answer never change');


-- HISTORY: the facts of an order that no other table has the time of. Notices, receipts and deliveries have theirs.

CREATE TABLE history (
    -- Grows within an order: the sequence of the facts within one millisecond.
    id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    -- Without foreign keys, which would take an eighth of a first pay's time on the server. The transaction that
    -- stores a fact has locked the order's row.
    order_number text COLLATE "C" NOT NULL,
    trade_no text COLLATE "C",
    at bigint NOT NULL,
    -- The kind of the fact. Each kind uses some of the columns below, and the CHECKs say which.
    what text COLLATE "C" NOT NULL,
    -- The user's wish, the attempt's channel, and the terminal of a page.
    channel text COLLATE "C",
    terminal text COLLATE "C",
    -- A provider call, and the answer in our words.
    operation text COLLATE "C",
    answer text COLLATE "C",
    -- The states of an attempt, an order, a refund or a receipt.
    old_state text COLLATE "C",
    new_state text COLLATE "C",
    page_kind text COLLATE "C",
    page_expires_at bigint,
    refund_number text COLLATE "C",
    fence bigint,
    transaction_id text COLLATE "C",
    -- The person who decided about disputed money, and the reason. The decision is the answer.
    person text COLLATE "C",
    reason text COLLATE "C",

    PRIMARY KEY (order_number, id),
    CONSTRAINT history_what CHECK (what IN (
        'made', 'asked', 'close_asked', 'called', 'attempt_began', 'attempt_moved', 'page_minted', 'page_ended',
        'taken_over', 'moved', 'refund_written', 'refund_moved', 'receipt_judged', 'ruled'
    )),
    CONSTRAINT history_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT history_trade_no CHECK (
        (what IN (
            'called', 'attempt_began', 'attempt_moved', 'page_minted', 'page_ended', 'refund_written', 'refund_moved',
            'receipt_judged', 'ruled'
        )) = (trade_no IS NOT NULL)
        AND coalesce(substr(trade_no, 1, length(order_number) + 1) = order_number || '_', true)
    ),
    CONSTRAINT history_channel CHECK (
        (what IN ('asked', 'attempt_began')) = (channel IS NOT NULL)
        AND coalesce(channel ~ '^[a-z][a-z0-9_]{0,31}$', true)
    ),
    CONSTRAINT history_terminal CHECK (
        (what IN ('asked', 'attempt_began', 'page_minted', 'page_ended'))
            = (terminal IS NOT NULL)
        AND coalesce(terminal IN ('pc', 'h5', 'app', 'jsapi', 'mini'), true)
    ),
    CONSTRAINT history_call CHECK (
        (what = 'called') = (operation IS NOT NULL)
        AND (what IN ('called', 'ruled')) = (answer IS NOT NULL)
        AND coalesce(operation IN ('create', 'query', 'close', 'refund'), true)
        AND coalesce(length(answer) BETWEEN 1 AND 200, true)
    ),
    CONSTRAINT history_states CHECK (
        (what IN ('attempt_moved', 'refund_moved')) = (old_state IS NOT NULL)
        AND (what IN ('attempt_moved', 'moved', 'refund_written', 'refund_moved', 'receipt_judged'))
            = (new_state IS NOT NULL)
        AND coalesce(old_state IN (
            'creating', 'open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid', 'pending', 'submitted',
            'needs_attention', 'succeeded'
        ), true)
        AND coalesce(new_state IN (
            'creating', 'open', 'closing', 'exposed', 'closed', 'failed', 'lapsed', 'paid', 'expired', 'pending',
            'submitted', 'needs_attention', 'succeeded', 'honest', 'duplicate', 'late', 'returned', 'rejected'
        ), true)
    ),
    CONSTRAINT history_page CHECK (
        (what = 'page_minted') = (page_kind IS NOT NULL) AND (what = 'page_minted') = (page_expires_at IS NOT NULL)
        AND coalesce(page_kind IN ('html', 'qr', 'redirect', 'sdk'), true)
        AND coalesce(page_expires_at BETWEEN 0 AND 253402300799999, true)
    ),
    CONSTRAINT history_refund_number CHECK (
        (what IN ('refund_written', 'refund_moved')) = (refund_number IS NOT NULL)
        AND coalesce(length(refund_number) BETWEEN 1 AND 255, true)
    ),
    CONSTRAINT history_fence CHECK (
        (what = 'taken_over') = (fence IS NOT NULL) AND coalesce(fence BETWEEN 0 AND 1000000000000, true)
    ),
    CONSTRAINT history_transaction_id CHECK (
        (what IN ('receipt_judged', 'ruled')) = (transaction_id IS NOT NULL)
        AND coalesce(length(transaction_id) BETWEEN 1 AND 255, true)
    ),
    CONSTRAINT history_ruling CHECK (
        (what = 'ruled') = (person IS NOT NULL) AND (what = 'ruled') = (reason IS NOT NULL)
        AND coalesce(length(person) BETWEEN 1 AND 256, true) AND coalesce(length(reason) BETWEEN 1 AND 800, true)
    )
);

-- The list for people: the latest calls that a provider refused with a code that no table contains.
CREATE INDEX history_refusals ON history (at, trade_no)
WHERE what = 'called' AND answer LIKE 'unknown, unlisted refusal: %';

CREATE TRIGGER history_is_kept BEFORE DELETE ON history FOR EACH ROW
EXECUTE FUNCTION refuse('a fact is never deleted');

CREATE TRIGGER history_never_changes BEFORE UPDATE ON history FOR EACH ROW
EXECUTE FUNCTION refuse('a fact never changes');


-- BILLS: a provider's bill of one day, and the progress of fetching it. A fetch stages its rows under a load number of
-- its own, and they count once the bill has that number. A crashed fetch leaves rows that never count.

CREATE TABLE bills (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    channel text COLLATE "C" NOT NULL,
    -- The day in China (UTC+8): 2026-11-22.
    day text COLLATE "C" NOT NULL,
    -- `wanted`: nothing is loaded. `loaded`: the rows of `load` count. `none`: the provider has no bill of the day.
    state text COLLATE "C" NOT NULL,
    -- The load whose rows count; 0 before the first one.
    load bigint NOT NULL,
    -- The SHA-256 and the number of rows of that load.
    digest text COLLATE "C",
    rows bigint,
    loaded_at bigint,
    -- When every row of the load, and all booked money of the day, was compared; NULL if that is still to be done.
    compared_at bigint,

    -- The right to fetch and compare the bill. The claim's number grows with every claim.
    claim bigint NOT NULL,
    claimed_by text COLLATE "C",
    claim_ends_at bigint,
    tried_at bigint,
    -- The result of the last fetch, in a few words.
    last_answer text COLLATE "C",

    CONSTRAINT bills_channel CHECK (
        channel ~ '^[a-z][a-z0-9_]{0,31}$'
    ),
    CONSTRAINT bills_day CHECK (day ~ '^[0-9]{4}-[01][0-9]-[0-3][0-9]$'),
    CONSTRAINT bills_state CHECK (state IN ('wanted', 'loaded', 'none')),
    CONSTRAINT bills_load CHECK (load BETWEEN 0 AND 1000000000 AND (load > 0 OR state <> 'loaded')),
    CONSTRAINT bills_content CHECK (
        (state = 'loaded') = (digest IS NOT NULL) AND (state = 'loaded') = (rows IS NOT NULL)
        AND coalesce(length(digest) BETWEEN 1 AND 128, true) AND coalesce(rows BETWEEN 0 AND 1000000000, true)
    ),
    CONSTRAINT bills_times CHECK (
        (state = 'wanted') = (loaded_at IS NULL) AND (compared_at IS NULL OR loaded_at IS NOT NULL)
        AND coalesce(loaded_at BETWEEN 0 AND 253402300799999, true)
        AND coalesce(compared_at BETWEEN 0 AND 253402300799999, true)
        AND coalesce(tried_at BETWEEN 0 AND 253402300799999, true)
    ),
    CONSTRAINT bills_claim CHECK (
        claim BETWEEN 0 AND 1000000000000 AND (claimed_by IS NULL) = (claim_ends_at IS NULL)
        AND coalesce(length(claimed_by) BETWEEN 1 AND 128, true)
        AND coalesce(claim_ends_at BETWEEN 0 AND 253402300799999, true)
    ),
    CONSTRAINT bills_last_answer CHECK (length(last_answer) BETWEEN 1 AND 800)
);

CREATE UNIQUE INDEX bills_one_for_day ON bills (channel, day);

CREATE TRIGGER bills_are_kept BEFORE DELETE ON bills FOR EACH ROW
EXECUTE FUNCTION refuse('a bill is never deleted');

CREATE TRIGGER bills_keep_their_day BEFORE UPDATE OF id, channel, day ON bills FOR EACH ROW
EXECUTE FUNCTION refuse('the rows of a bill belong to its channel and day');

CREATE TRIGGER bills_load_grows BEFORE UPDATE OF load, claim ON bills FOR EACH ROW
WHEN (NEW.load < OLD.load OR NEW.claim < OLD.claim)
EXECUTE FUNCTION refuse('replaced rows would count again');

-- A provider that had a bill has it always.
CREATE TRIGGER bills_stay_loaded BEFORE UPDATE OF state ON bills FOR EACH ROW
WHEN (OLD.state = 'loaded' AND NEW.state <> 'loaded')
EXECUTE FUNCTION refuse('a missing bill is not an empty bill');


-- BILL LINES: the rows of the bills, as the provider states them.

CREATE TABLE bill_lines (
    bill_id bigint NOT NULL REFERENCES bills (id),
    load bigint NOT NULL,
    row bigint NOT NULL,
    standing text COLLATE "C" NOT NULL,
    -- NULL for a row that is about something else, or that can't be read.
    kind text COLLATE "C",
    status text COLLATE "C",
    -- The provider's values. The numbers need not be ours.
    trade_no text COLLATE "C",
    transaction_id text COLLATE "C",
    refund_no text COLLATE "C",
    provider_refund_id text COLLATE "C",
    amount bigint,
    currency_code text COLLATE "C",
    -- Millionths of the major unit.
    fee_micros bigint,
    at bigint,
    -- The provider's word for another row, or why a row can't be read.
    words text COLLATE "C",

    PRIMARY KEY (bill_id, load, row),
    CONSTRAINT bill_lines_place CHECK (load >= 1 AND row >= 1),
    CONSTRAINT bill_lines_standing CHECK (
        standing IN ('waiting', 'matched', 'difference', 'foreign', 'other', 'unreadable')
    ),
    CONSTRAINT bill_lines_kind CHECK (
        (standing IN ('other', 'unreadable')) = (kind IS NULL) AND coalesce(kind IN ('payment', 'refund'), true)
    ),
    CONSTRAINT bill_lines_values CHECK (
        (kind IS NULL) = (status IS NULL) AND (kind IS NULL) = (trade_no IS NULL) AND (kind IS NULL) = (amount IS NULL)
        AND (kind IS NULL) = (currency_code IS NULL) AND (kind IS NULL) = (at IS NULL)
        AND (kind IS NULL) = (words IS NOT NULL)
    ),
    CONSTRAINT bill_lines_status CHECK (status IN ('succeeded', 'accepted', 'failed')),
    CONSTRAINT bill_lines_numbers CHECK (
        coalesce(length(trade_no) <= 255, true) AND coalesce(length(transaction_id) BETWEEN 1 AND 255, true)
        AND coalesce(length(refund_no) BETWEEN 1 AND 255, true)
        AND coalesce(length(provider_refund_id) BETWEEN 1 AND 255, true)
    ),
    CONSTRAINT bill_lines_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT bill_lines_currency_code CHECK (length(currency_code) BETWEEN 1 AND 16),
    CONSTRAINT bill_lines_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT bill_lines_words CHECK (length(words) BETWEEN 1 AND 200)
);

-- Booked money looks for its line, on any day.
CREATE INDEX bill_lines_by_transaction ON bill_lines (transaction_id)
WHERE kind = 'payment' AND transaction_id IS NOT NULL;
CREATE INDEX bill_lines_by_trade ON bill_lines (trade_no) WHERE kind = 'payment' AND transaction_id IS NULL;
CREATE INDEX bill_lines_by_refund ON bill_lines (refund_no) WHERE refund_no IS NOT NULL;
CREATE INDEX bill_lines_by_provider_refund ON bill_lines (provider_refund_id)
WHERE refund_no IS NULL AND provider_refund_id IS NOT NULL;

-- Lines to compare again, and the counts of a bill. Most lines match.
CREATE INDEX bill_lines_unmatched ON bill_lines (bill_id, load, standing, row) WHERE standing <> 'matched';

CREATE FUNCTION bill_lines_are_staged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.load <= (SELECT load FROM bills WHERE id = NEW.bill_id) THEN
        RAISE EXCEPTION 'bill_lines_are_staged: a loaded bill gets no more rows' USING CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER bill_lines_are_staged BEFORE INSERT ON bill_lines FOR EACH ROW
EXECUTE FUNCTION bill_lines_are_staged();

CREATE FUNCTION bill_lines_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.load <= (SELECT load FROM bills WHERE id = OLD.bill_id) THEN
        RAISE EXCEPTION 'bill_lines_are_kept: the rows of a loaded bill are never deleted' USING CONSTRAINT = TG_NAME;
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER bill_lines_are_kept BEFORE DELETE ON bill_lines FOR EACH ROW
EXECUTE FUNCTION bill_lines_are_kept();

CREATE TRIGGER bill_lines_keep_their_content
BEFORE UPDATE OF bill_id, load, row, kind, status, trade_no, transaction_id, refund_no, provider_refund_id, amount,
    currency_code, fee_micros, at, words ON bill_lines FOR EACH ROW
EXECUTE FUNCTION refuse('a row of a bill stays as the provider states it');


-- DIFFERENCES: disagreements between the bills and the books, each for a person to explain or close.

CREATE TABLE differences (
    -- Never reused: a message to the merchant names it.
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    channel text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    -- The identity of the money, the same in every comparison.
    subject text COLLATE "C" NOT NULL,
    -- The day of the bill that has the money, or should have it.
    day text COLLATE "C" NOT NULL,
    -- The row that last showed the difference; NULL if no bill has the money.
    bill_id bigint REFERENCES bills (id),
    load bigint,
    row bigint,
    -- NULL if the money belongs to no order of ours.
    order_number text COLLATE "C" REFERENCES orders (number),
    -- The numbers in the provider's spelling.
    trade_no text COLLATE "C",
    transaction_id text COLLATE "C",
    refund_no text COLLATE "C",
    -- The statements of both sides; NULL where a side has no such money.
    amount_here bigint,
    currency_here text COLLATE "C",
    status_here text COLLATE "C",
    amount_there bigint,
    currency_there text COLLATE "C",
    status_there text COLLATE "C",
    opened_at bigint NOT NULL,

    state text COLLATE "C" NOT NULL DEFAULT 'open',
    -- The last decision by a person.
    note text COLLATE "C",
    decided_by text COLLATE "C",
    decided_at bigint,
    closed_at bigint,
    -- Why it is closed.
    ending text COLLATE "C",

    CONSTRAINT differences_channel CHECK (
        channel ~ '^[a-z][a-z0-9_]{0,31}$'
    ),
    CONSTRAINT differences_kind CHECK (kind IN (
        'missing_here', 'missing_there', 'amount', 'status', 'refund_missing_here', 'refund_missing_there',
        'refund_amount'
    )),
    CONSTRAINT differences_subject CHECK (length(subject) BETWEEN 1 AND 800),
    CONSTRAINT differences_day CHECK (day ~ '^[0-9]{4}-[01][0-9]-[0-3][0-9]$'),
    CONSTRAINT differences_row CHECK (
        (bill_id IS NULL) = (load IS NULL) AND (bill_id IS NULL) = (row IS NULL)
        AND (bill_id IS NULL) = (kind IN ('missing_there', 'refund_missing_there'))
    ),
    CONSTRAINT differences_numbers CHECK (
        coalesce(length(trade_no) <= 255, true) AND coalesce(length(transaction_id) BETWEEN 1 AND 255, true)
        AND coalesce(length(refund_no) BETWEEN 1 AND 255, true)
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
        AND (state <> 'explained' OR note IS NOT NULL) AND (coalesce(ending, '') <> 'decided' OR note IS NOT NULL)
    ),
    CONSTRAINT differences_ending CHECK (
        (state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (ending IS NOT NULL)
        AND coalesce(ending IN ('matched', 'replaced', 'withdrawn', 'decided'), true)
    ),
    CONSTRAINT differences_times CHECK (
        opened_at BETWEEN 0 AND 253402300799999 AND coalesce(decided_at BETWEEN 0 AND 253402300799999, true)
        AND coalesce(closed_at BETWEEN 0 AND 253402300799999, true)
    )
);

-- No difference is opened twice.
CREATE UNIQUE INDEX differences_one_for_subject ON differences (channel, subject) WHERE state <> 'closed';

-- The latest difference about some money, also a closed one.
CREATE INDEX differences_by_subject ON differences (channel, subject, id);
CREATE INDEX differences_of_order ON differences (order_number, id) WHERE order_number IS NOT NULL;
-- The operator's list, and the counts of open differences.
CREATE INDEX differences_by_state ON differences (state, id);
CREATE INDEX differences_of_bill ON differences (bill_id, load) WHERE state <> 'closed' AND bill_id IS NOT NULL;

CREATE TRIGGER differences_are_kept BEFORE DELETE ON differences FOR EACH ROW
EXECUTE FUNCTION refuse('a difference is never deleted');

CREATE TRIGGER differences_keep_their_content
BEFORE UPDATE OF id, channel, kind, subject, day, order_number, trade_no, transaction_id, refund_no, amount_here,
    currency_here, status_here, amount_there, currency_there, status_there, opened_at ON differences FOR EACH ROW
EXECUTE FUNCTION refuse('a difference stays as it was found');

CREATE TRIGGER differences_close_once BEFORE UPDATE ON differences FOR EACH ROW
WHEN (OLD.state = 'closed' OR (OLD.state = 'explained' AND NEW.state = 'open'))
EXECUTE FUNCTION refuse('no such transition');

ALTER TABLE events ADD FOREIGN KEY (difference_id) REFERENCES differences (id);


-- AUDIT: every change that a person or the merchant made by hand. The row and its change are one transaction.

CREATE TABLE audit (
    -- Grows, and is never reused.
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    way text COLLATE "C" NOT NULL,
    -- The client's address, or the host of a command.
    origin text COLLATE "C",
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    order_number text COLLATE "C",
    reason text COLLATE "C",
    detail text COLLATE "C",

    CONSTRAINT audit_at CHECK (at BETWEEN 0 AND 253402300799999),
    CONSTRAINT audit_actor CHECK (length(actor) BETWEEN 1 AND 256),
    CONSTRAINT audit_way CHECK (way IN ('cli', 'api', 'console')),
    CONSTRAINT audit_origin CHECK (length(origin) BETWEEN 1 AND 256),
    CONSTRAINT audit_action CHECK (length(action) BETWEEN 3 AND 64 AND action ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'),
    CONSTRAINT audit_subject CHECK (length(subject) BETWEEN 1 AND 800),
    CONSTRAINT audit_order_number CHECK (length(order_number) BETWEEN 1 AND 64),
    CONSTRAINT audit_reason CHECK (length(reason) BETWEEN 1 AND 800),
    CONSTRAINT audit_detail CHECK (length(detail) BETWEEN 1 AND 800)
);

CREATE INDEX audit_of_order ON audit (order_number, id) WHERE order_number IS NOT NULL;
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_action ON audit (action, id);

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW
EXECUTE FUNCTION refuse('an entry of the audit is never deleted');

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW
EXECUTE FUNCTION refuse('an entry of the audit never changes');


-- OPERATORS: the people who may use the console.

CREATE TABLE operators (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    role text COLLATE "C" NOT NULL,
    -- The scrypt hash with its parameters. NULL until the operator sets a password.
    password text COLLATE "C",
    -- The secret of the one-time codes (RFC 6238) in base32, and the number of the last time step whose code was used.
    code_secret text COLLATE "C",
    code_step bigint,
    -- The SHA-256 of the link that sets the password.
    invitation text COLLATE "C",
    invitation_ends_at bigint,
    -- Refused sign-ins in a row.
    failures bigint NOT NULL,
    -- Every sign-in is refused until then.
    locked_until bigint,
    added_at bigint NOT NULL,

    CONSTRAINT operators_name CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,31}$'),
    CONSTRAINT operators_role CHECK (role IN ('viewer', 'operator', 'admin')),
    CONSTRAINT operators_password CHECK (length(password) BETWEEN 20 AND 300 AND password LIKE '$scrypt$%'),
    CONSTRAINT operators_enter_somehow CHECK (password IS NOT NULL OR invitation IS NOT NULL),
    CONSTRAINT operators_code_secret CHECK (code_secret ~ '^[A-Z2-7]{32}$'),
    CONSTRAINT operators_code_step CHECK (
        (code_secret IS NULL) = (code_step IS NULL) AND coalesce(code_step >= 0, true)
    ),
    CONSTRAINT operators_code_needs_password CHECK (code_secret IS NULL OR password IS NOT NULL),
    CONSTRAINT operators_invitation CHECK (invitation ~ '^[0-9a-f]{64}$'),
    CONSTRAINT operators_invitation_ends_at CHECK (
        (invitation IS NULL) = (invitation_ends_at IS NULL)
        AND coalesce(invitation_ends_at BETWEEN 0 AND 253402300799999, true)
    ),
    CONSTRAINT operators_failures CHECK (failures BETWEEN 0 AND 1000000),
    CONSTRAINT operators_locked_until CHECK (locked_until BETWEEN 0 AND 253402300799999),
    CONSTRAINT operators_added_at CHECK (added_at BETWEEN 0 AND 253402300799999)
);

CREATE UNIQUE INDEX operators_one_for_invitation ON operators (invitation) WHERE invitation IS NOT NULL;

-- OPERATOR SESSIONS: browsers that are signed in. Only the SHA-256 of the cookie is stored.

CREATE TABLE operator_sessions (
    digest text COLLATE "C" NOT NULL PRIMARY KEY,
    operator_name text COLLATE "C" NOT NULL REFERENCES operators (name) ON DELETE CASCADE,
    begun_at bigint NOT NULL,
    -- The last request, to the minute.
    used_at bigint NOT NULL,
    -- The client's address at sign-in.
    origin text COLLATE "C",

    CONSTRAINT operator_sessions_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT operator_sessions_times CHECK (
        begun_at BETWEEN 0 AND 253402300799999 AND used_at BETWEEN begun_at AND 253402300799999
    ),
    CONSTRAINT operator_sessions_origin CHECK (length(origin) BETWEEN 1 AND 256)
);

CREATE INDEX operator_sessions_of_operator ON operator_sessions (operator_name, begun_at);

CREATE TRIGGER operators_keep_their_name BEFORE UPDATE OF name, added_at ON operators FOR EACH ROW
EXECUTE FUNCTION refuse('the name of an operator never changes');

CREATE FUNCTION operators_keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM operators WHERE role = 'admin' AND name <> OLD.name) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '%: the last admin stays one', TG_NAME USING CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER operators_keep_an_admin BEFORE DELETE ON operators FOR EACH ROW
WHEN (OLD.role = 'admin')
EXECUTE FUNCTION operators_keep_an_admin();

CREATE TRIGGER operators_keep_an_admins_role BEFORE UPDATE OF role ON operators FOR EACH ROW
WHEN (OLD.role = 'admin' AND NEW.role <> 'admin')
EXECUTE FUNCTION operators_keep_an_admin();

-- A session has the rights and the proofs of its sign-in.
CREATE FUNCTION operators_end_their_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM operator_sessions WHERE operator_name = OLD.name;
    RETURN NULL;
END $$;

CREATE TRIGGER operators_end_their_sessions AFTER UPDATE OF role, password, code_secret ON operators FOR EACH ROW
WHEN (
    OLD.role <> NEW.role OR OLD.password IS DISTINCT FROM NEW.password
    OR OLD.code_secret IS DISTINCT FROM NEW.code_secret
)
EXECUTE FUNCTION operators_end_their_sessions();

CREATE TRIGGER operator_sessions_never_change BEFORE UPDATE ON operator_sessions FOR EACH ROW
WHEN (
    OLD.digest <> NEW.digest OR OLD.operator_name <> NEW.operator_name OR OLD.begun_at <> NEW.begun_at
    OR OLD.origin IS DISTINCT FROM NEW.origin OR NEW.used_at < OLD.used_at
)
EXECUTE FUNCTION refuse('a session only moves its last use forward');


-- CHANNELS: the provider type of each channel that was ever configured. A start of the service writes it.

CREATE TABLE channels (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    provider text COLLATE "C" NOT NULL,

    CONSTRAINT channels_name CHECK (
        name ~ '^[a-z][a-z0-9_]{0,31}$'
    ),
    CONSTRAINT channels_provider CHECK (provider IN ('alipay', 'wechat', 'stripe', 'sandbox'))
);

-- Another provider knows no trade of the stored attempts. A search for them reads every attempt of other channels, so
-- it runs for a changed provider alone.
CREATE FUNCTION channels_keep_their_provider() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM attempts WHERE channel = OLD.name) THEN
        RAISE EXCEPTION 'channels_keep_their_provider: a channel with attempts never changes its provider'
            USING CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER channels_keep_their_provider BEFORE UPDATE ON channels FOR EACH ROW
WHEN ((NEW.name, NEW.provider) IS DISTINCT FROM (OLD.name, OLD.provider))
EXECUTE FUNCTION channels_keep_their_provider();

CREATE FUNCTION channels_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM attempts WHERE channel = OLD.name) THEN
        RAISE EXCEPTION 'channels_are_kept: a channel with attempts is never deleted' USING CONSTRAINT = TG_NAME;
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER channels_are_kept BEFORE DELETE ON channels FOR EACH ROW
EXECUTE FUNCTION channels_are_kept();


-- CHANNEL PAUSES: the channels that make no new attempt, for every process at once.

CREATE TABLE channel_pauses (
    channel text COLLATE "C" NOT NULL PRIMARY KEY,
    paused_at bigint NOT NULL,

    CONSTRAINT channel_pauses_channel CHECK (
        channel ~ '^[a-z][a-z0-9_]{0,31}$'
    ),
    CONSTRAINT channel_pauses_paused_at CHECK (paused_at BETWEEN 0 AND 253402300799999)
);


-- SERVICE CONDITIONS: the state of running services that no other table shows. Each process replaces its own rows.

CREATE TABLE service_conditions (
    worker text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    -- Empty for a condition of the whole service.
    channel text COLLATE "C" NOT NULL,
    -- Tells conditions of one kind and channel apart. Empty if there is one only.
    subject text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    -- The end of a certificate.
    ends_at bigint,
    -- The last report. A row without a recent one is of a process that was killed.
    seen_at bigint NOT NULL,

    PRIMARY KEY (worker, kind, channel, subject),
    CONSTRAINT service_conditions_worker CHECK (length(worker) BETWEEN 1 AND 128),
    CONSTRAINT service_conditions_kind CHECK (
        kind IN ('circuit_open', 'certificate_ends', 'disk_nearly_full', 'backup_missing')
    ),
    CONSTRAINT service_conditions_channel CHECK (
        CASE WHEN kind IN ('disk_nearly_full', 'backup_missing') THEN channel = '' ELSE channel ~ '^[a-z][a-z0-9_]{0,31}$' END
    ),
    CONSTRAINT service_conditions_subject CHECK (length(subject) <= 255),
    CONSTRAINT service_conditions_times CHECK (
        since BETWEEN 0 AND 253402300799999 AND seen_at BETWEEN 0 AND 253402300799999
    ),
    CONSTRAINT service_conditions_ends_at CHECK (
        (kind = 'certificate_ends') = (ends_at IS NOT NULL) AND coalesce(ends_at BETWEEN 0 AND 253402300799999, true)
    )
);


-- RESTORES: each restore of the database from an older copy. The highest number decides which numbers of attempts and
-- refunds are skipped, because the providers may know them.

CREATE TABLE restores (
    -- Grows. Higher than the number before by more than 1 if the copy does not have the restores in between.
    number bigint NOT NULL PRIMARY KEY,
    restored_at bigint NOT NULL,
    -- The last change of an order in the copy; 0 without orders.
    copied_at bigint NOT NULL,

    CONSTRAINT restores_number CHECK (number BETWEEN 1 AND 1000),
    CONSTRAINT restores_times CHECK (
        restored_at BETWEEN 0 AND 253402300799999 AND copied_at BETWEEN 0 AND 253402300799999
    )
);

CREATE TRIGGER restores_are_kept BEFORE DELETE ON restores FOR EACH ROW
EXECUTE FUNCTION refuse('skipped numbers would be used');

CREATE TRIGGER restores_never_change BEFORE UPDATE ON restores FOR EACH ROW
EXECUTE FUNCTION refuse('skipped numbers would be used');

CREATE FUNCTION restores_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <= (SELECT max(number) FROM restores) THEN
        RAISE EXCEPTION 'restores_grow: skipped numbers would be used';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER restores_grow BEFORE INSERT ON restores FOR EACH ROW
EXECUTE FUNCTION restores_grow();


-- ORDERS TO SEARCH: orders of a restored database, whose providers may know attempts that the restore lost. A restore
-- stores those that were new in the copy. An order that appears in the three days after it is stored: the shop may send
-- an order again that the copy does not have. A later one is stored if a notice named it before.

CREATE TABLE orders_to_search (
    order_number text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES orders (number)
);

-- In ASCII, ` follows _: the range has every number that begins with the order's number and _.
CREATE FUNCTION orders_look_for_lost_trades() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM restores) AND (
        NEW.created_at < (SELECT max(restored_at) FROM restores) + 259200000 OR EXISTS (
            SELECT 1 FROM notices
            WHERE order_number IS NULL AND trade_no > NEW.number || '_' AND trade_no < NEW.number || '`'
        )
    ) THEN
        INSERT INTO orders_to_search (order_number) VALUES (NEW.number);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_look_for_lost_trades AFTER INSERT ON orders FOR EACH ROW
EXECUTE FUNCTION orders_look_for_lost_trades();


-- READINESS: one row, which each readiness check rewrites. Only a write detects a full or read-only disk.

CREATE TABLE readiness (
    id bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    writes bigint NOT NULL
);


-- SEVERAL PROCESSES: on one machine or on several.

-- One row for each connection that writes. After a COMMIT whose answer was lost, the row tells whether it was made.
CREATE TABLE commit_marks (
    lane uuid NOT NULL PRIMARY KEY,
    -- Grows when an answer was lost: the transaction of an earlier term can't commit any more.
    term bigint NOT NULL,
    -- The number of the last transaction that committed.
    mark bigint NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Numbers the transaction that it is called in. Fails if the connection was given up, or has a later transaction.
CREATE FUNCTION mark_commit(its_lane uuid, its_term bigint, its_mark bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE commit_marks SET mark = its_mark, used_at = now()
    WHERE lane = its_lane AND term = its_term AND mark < its_mark;
    IF NOT FOUND THEN RAISE EXCEPTION 'mark_commit: the connection was given up' USING ERRCODE = 'PP001'; END IF;
END $$;

-- Fails unless a statement stored as many rows as it was given: a batch is stored as a whole, or not at all.
CREATE FUNCTION expect_rows(stored bigint, given bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF stored <> given THEN
        RAISE EXCEPTION 'expect_rows: % of % rows were stored', stored, given USING ERRCODE = 'PP002';
    END IF;
END $$;

-- The shares of the clock's work. Each is a part of the slices, which one process works on at a time.
CREATE TABLE clock_shares (
    job text COLLATE "C" NOT NULL,
    share smallint NOT NULL,
    -- The process that works on the share, until it gives the share back or the time is over.
    owner text COLLATE "C",
    until bigint NOT NULL DEFAULT 0,
    -- The earliest next run.
    runs_at bigint NOT NULL DEFAULT 0,

    PRIMARY KEY (job, share)
) WITH (fillfactor = 50);

-- The oldest transaction that was running at an instant. A list of the changes since then begins with it.
CREATE TABLE change_times (
    at bigint NOT NULL PRIMARY KEY,
    era smallint NOT NULL,
    oldest_running xid8 NOT NULL
);

-- One row for each process, which commits it again and again: proof that the server is still the primary.
CREATE TABLE node_beats (
    node text COLLATE "C" NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- When each primary began to be one. Its timeline is a number that grows with every failover.
CREATE TABLE primary_terms (
    timeline integer NOT NULL PRIMARY KEY,
    began timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Rows that a rare job locks, so that no other process does the same at once.
CREATE TABLE row_locks (
    name text COLLATE "C" NOT NULL PRIMARY KEY
);
