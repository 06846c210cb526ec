-- Why: an order leaves `new` once and is told apart by its fence; the last word on that is said here, not in memory.
-- Times are milliseconds since 1970, UTC, up to the year 9999. Amounts are minor units. Texts that a person wrote are
-- bounded by four scalars for each character that the core allows. URLs are bounded far above what the API takes.
CREATE TABLE orders (
    number TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    subject TEXT NOT NULL,
    return_url TEXT,
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- The attempt is stored after its order, in the same transaction.
    paid_by TEXT REFERENCES attempts (trade_no) DEFERRABLE INITIALLY DEFERRED,
    left_new_at INTEGER,
    fence INTEGER NOT NULL,
    lease_owner TEXT,
    lease_ends_at INTEGER,
    lease_unanswered INTEGER,
    -- Grows with every commit that changes an order, across all orders: a list by it misses nothing.
    updated_at INTEGER NOT NULL,

    CONSTRAINT orders_number CHECK (length(number) BETWEEN 4 AND 28 AND number NOT GLOB '*[^0-9A-Za-z_]*'),
    CONSTRAINT orders_user_id CHECK (length(user_id) BETWEEN 1 AND 512),
    CONSTRAINT orders_amount CHECK (amount BETWEEN 1 AND 1000000000000),
    CONSTRAINT orders_currency CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
    CONSTRAINT orders_subject CHECK (length(subject) BETWEEN 1 AND 508),
    CONSTRAINT orders_return_url CHECK (length(return_url) BETWEEN 1 AND 8192),
    CONSTRAINT orders_times CHECK (created_at BETWEEN 0 AND 253402300799999 AND deadline BETWEEN 0 AND 253402300799999),
    CONSTRAINT orders_state CHECK (state IN ('new', 'paid', 'closed', 'expired')),
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

-- The list that a merchant reconciles by.
CREATE INDEX orders_by_update ON orders (updated_at, number);

CREATE TRIGGER orders_are_kept BEFORE DELETE ON orders
BEGIN
    SELECT raise(ABORT, 'orders_are_kept: an order is never deleted');
END;

CREATE TRIGGER orders_ask_for_what_they_asked
BEFORE UPDATE OF number, user_id, amount, currency, subject, return_url, created_at, deadline ON orders
WHEN NEW.number IS NOT OLD.number OR NEW.user_id IS NOT OLD.user_id OR NEW.amount IS NOT OLD.amount
    OR NEW.currency IS NOT OLD.currency OR NEW.subject IS NOT OLD.subject OR NEW.return_url IS NOT OLD.return_url
    OR NEW.created_at IS NOT OLD.created_at OR NEW.deadline IS NOT OLD.deadline
BEGIN
    SELECT raise(ABORT, 'orders_ask_for_what_they_asked: the particulars of an order never change');
END;

CREATE TRIGGER orders_leave_new_once BEFORE UPDATE OF state, paid_by, left_new_at ON orders
WHEN OLD.state <> 'new' AND (
    NEW.state IS NOT OLD.state OR NEW.paid_by IS NOT OLD.paid_by OR NEW.left_new_at IS NOT OLD.left_new_at
)
BEGIN
    SELECT raise(ABORT, 'orders_leave_new_once: an order that is over never changes its state');
END;

CREATE TRIGGER orders_leave_new_with_a_higher_fence BEFORE UPDATE OF state ON orders
WHEN OLD.state = 'new' AND NEW.state <> 'new' AND NEW.fence <= OLD.fence
BEGIN
    SELECT raise(ABORT, 'orders_leave_new_with_a_higher_fence: no answer that is on its way may be stored after it');
END;

CREATE TRIGGER orders_fence_never_shrinks BEFORE UPDATE OF fence ON orders
WHEN NEW.fence < OLD.fence
BEGIN
    SELECT raise(ABORT, 'orders_fence_never_shrinks: an old right would look new');
END;

CREATE TRIGGER orders_updated_at_grows BEFORE UPDATE ON orders
WHEN NEW.updated_at <= OLD.updated_at
BEGIN
    SELECT raise(ABORT, 'orders_updated_at_grows: a change that a list does not show is missed');
END;
