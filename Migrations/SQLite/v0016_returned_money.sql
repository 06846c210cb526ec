-- Why: money that had gone back before we learned of it pays nothing, and a disputed payment is judged again when the
-- provider tells of it with particulars that fit.
ALTER TABLE receipts ADD COLUMN returned INTEGER NOT NULL DEFAULT 0
    CONSTRAINT receipts_returned CHECK (returned = 1 OR (returned = 0 AND standing <> 'returned'));

DROP TRIGGER receipts_say_what_they_said;

-- A disputed receipt takes over the particulars by which it is judged again, in the update that decides it.
CREATE TRIGGER receipts_say_what_they_said
BEFORE UPDATE OF id, trade_no, channel, transaction_id, amount, currency_code, paid_at, names_our_account, recorded_at,
    returned
ON receipts
WHEN NEW.id IS NOT OLD.id OR NEW.trade_no IS NOT OLD.trade_no OR NEW.channel IS NOT OLD.channel
    OR NEW.transaction_id IS NOT OLD.transaction_id OR NEW.recorded_at IS NOT OLD.recorded_at
    OR OLD.standing <> 'disputed' OR NEW.standing = 'disputed'
BEGIN
    SELECT raise(ABORT, 'receipts_say_what_they_said: proof of money never changes');
END;

CREATE TRIGGER receipts_are_decided_once BEFORE UPDATE OF standing ON receipts
WHEN OLD.standing <> 'disputed' AND NEW.standing IS NOT OLD.standing
BEGIN
    SELECT raise(ABORT, 'receipts_are_decided_once: only a disputed receipt can come to count as something else');
END;

-- Names the payment that was judged again.
ALTER TABLE history ADD COLUMN transaction_id TEXT
    CONSTRAINT history_transaction_id CHECK (
        (what = 'receipt_judged') = (transaction_id IS NOT NULL) AND ifnull(length(transaction_id) BETWEEN 1 AND 255, 1)
    );

-- New words in the CHECKs. All rows that were good stay good, so that only the tables' texts change, as in v0015.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(sql, '''late'', ''disputed''', '''late'', ''returned'', ''disputed''')
WHERE type = 'table' AND name = 'receipts';

UPDATE sqlite_schema SET sql = replace(sql, '''late'', ''repeated''', '''late'', ''returned'', ''repeated''')
WHERE type = 'table' AND name = 'notices';

UPDATE sqlite_schema SET sql = replace(sql, '''payment.late''', '''payment.late'', ''payment.returned''')
WHERE type = 'table' AND name = 'deliveries';

UPDATE sqlite_schema SET sql = replace(
    replace(
        replace(
            replace(sql, 'what = ''made''', 'what = ''made'' OR what = ''receipt_judged'''),
            'OR what = ''refund_moved'') = (trade_no', 'OR what = ''refund_moved'' OR what = ''receipt_judged'') = (trade_no'
        ),
        '(what = ''attempt_moved'' OR what = ''moved''',
        '(what = ''attempt_moved'' OR what = ''receipt_judged'' OR what = ''moved'''
    ),
    'ifnull(new_state = ''creating''',
    'ifnull(new_state = ''honest'' OR new_state = ''duplicate'' OR new_state = ''late'' OR new_state = ''returned''
            OR new_state = ''creating'''
)
WHERE type = 'table' AND name = 'history';

PRAGMA writable_schema = RESET;

-- A change that SQLite makes itself has every connection read the texts anew.
CREATE VIEW texts_have_changed AS SELECT 1;
DROP VIEW texts_have_changed;

-- Payments that were disputed before: their providers are queried again, because a wrong setting may be put right.
UPDATE attempts SET ask_at = 0
WHERE ask_at IS NULL AND state IN ('open', 'exposed', 'closed', 'failed') AND EXISTS (
    SELECT 1 FROM receipts WHERE receipts.trade_no = attempts.trade_no AND receipts.standing = 'disputed'
);
