-- Why: a message to the merchant is sent until it is taken, in order within its order, whoever dies in between.
ALTER TABLE deliveries ADD COLUMN transaction_id TEXT
    CONSTRAINT deliveries_transaction_id CHECK (length(transaction_id) BETWEEN 1 AND 255);
ALTER TABLE deliveries ADD COLUMN state TEXT NOT NULL DEFAULT 'pending'
    CONSTRAINT deliveries_state CHECK (state IN ('pending', 'delivered', 'parked'));
-- How often it was claimed: the highest is the latest claim, and no other's answer is stored.
ALTER TABLE deliveries ADD COLUMN tries INTEGER NOT NULL DEFAULT 0
    CONSTRAINT deliveries_tries CHECK (tries BETWEEN 0 AND 1000000000);
-- Those that were made before a person had it sent again: back-off begins anew after them.
ALTER TABLE deliveries ADD COLUMN tries_before INTEGER NOT NULL DEFAULT 0
    CONSTRAINT deliveries_tries_before CHECK (tries_before BETWEEN 0 AND tries);
-- Somebody has claimed it, and hasn't stored an answer yet.
ALTER TABLE deliveries ADD COLUMN sending INTEGER NOT NULL DEFAULT 0
    CONSTRAINT deliveries_sending CHECK (sending = 0 OR (sending = 1 AND state = 'pending' AND tries > tries_before));
-- While it is pending: when it may be sent, or when the claim ends.
ALTER TABLE deliveries ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0
    CONSTRAINT deliveries_next_at CHECK (next_at BETWEEN 0 AND 253402300799999);
ALTER TABLE deliveries ADD COLUMN delivered_at INTEGER
    CONSTRAINT deliveries_delivered_at CHECK (
        ifnull(delivered_at BETWEEN 0 AND 253402300799999, state <> 'delivered')
    );
ALTER TABLE deliveries ADD COLUMN last_answer TEXT
    CONSTRAINT deliveries_last_answer CHECK (length(last_answer) BETWEEN 1 AND 800);

-- Messages that were stored before they named their payment: the first of a kind is about the first receipt, and so on.
UPDATE deliveries SET transaction_id = matched.transaction_id
FROM (
    SELECT told.id, received.transaction_id
    FROM (
        SELECT id, trade_no, row_number() OVER (PARTITION BY trade_no, kind ORDER BY id) AS ordinal,
            CASE kind WHEN 'order.paid' THEN 'honest' WHEN 'payment.duplicate' THEN 'duplicate'
                WHEN 'payment.late' THEN 'late' END AS standing
        FROM deliveries
    ) AS told
    JOIN (
        SELECT trade_no, transaction_id, standing,
            row_number() OVER (PARTITION BY trade_no, standing ORDER BY id) AS ordinal
        FROM receipts
    ) AS received ON received.trade_no = told.trade_no AND received.standing = told.standing
        AND received.ordinal = told.ordinal
) AS matched
WHERE matched.id = deliveries.id;

-- What is due, however many were delivered.
CREATE INDEX deliveries_due ON deliveries (next_at, id) WHERE state = 'pending';

-- Which of an order comes first.
CREATE INDEX deliveries_waiting ON deliveries (order_number, id) WHERE state = 'pending';

-- What a person has to look at.
CREATE INDEX deliveries_given_up ON deliveries (id) WHERE state = 'parked';

CREATE TRIGGER deliveries_are_kept BEFORE DELETE ON deliveries
BEGIN
    SELECT raise(ABORT, 'deliveries_are_kept: what the merchant was told is never forgotten');
END;

CREATE TRIGGER deliveries_say_what_they_said
BEFORE UPDATE OF id, order_number, kind, trade_no, transaction_id, occurred_at ON deliveries
BEGIN
    SELECT raise(ABORT, 'deliveries_say_what_they_said: a message is sent again as it was');
END;

-- A try moves it on; back to pending it comes by hand alone, with its tries before it.
CREATE TRIGGER deliveries_move_by_a_try BEFORE UPDATE OF state ON deliveries
WHEN NEW.state <> OLD.state AND NOT CASE OLD.state
    WHEN 'pending' THEN OLD.sending = 1
    ELSE NEW.state = 'pending' AND NEW.tries_before = NEW.tries
END
BEGIN
    SELECT raise(ABORT, 'deliveries_move_by_a_try: no such move');
END;

CREATE TRIGGER deliveries_count_every_try BEFORE UPDATE OF tries, tries_before ON deliveries
WHEN NEW.tries < OLD.tries OR NEW.tries_before < OLD.tries_before
BEGIN
    SELECT raise(ABORT, 'deliveries_count_every_try: an old claim would look new');
END;

-- The rule of the outbox.
CREATE TRIGGER deliveries_go_in_order BEFORE UPDATE OF tries ON deliveries
WHEN NEW.tries > OLD.tries AND EXISTS (
    SELECT 1 FROM deliveries AS earlier
    WHERE earlier.order_number = NEW.order_number AND earlier.id < NEW.id AND earlier.state = 'pending'
)
BEGIN
    SELECT raise(ABORT, 'deliveries_go_in_order: an earlier message of the order is neither delivered nor parked');
END;
