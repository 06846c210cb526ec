-- Why: a refund that the provider keeps refusing by a code that isn't final is told to a person, and still asked for.
-- As in v0015 the tables' texts change in place: every row that was taken before is taken now.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(
    sql, '''submitted'', ''succeeded'', ''failed''', '''submitted'', ''needs_attention'', ''succeeded'', ''failed'''
)
WHERE type = 'table' AND name = 'refunds';

UPDATE sqlite_schema SET sql = replace(
    sql, 'state IN (''pending'', ''submitted'')',
    '(state = ''pending'' OR state = ''submitted'' OR state = ''needs_attention'')'
)
WHERE type = 'table' AND name = 'refunds';

UPDATE sqlite_schema SET sql = replace(
    replace(sql, 'old_state = ''succeeded''', 'old_state = ''succeeded'' OR old_state = ''needs_attention'''),
    'new_state = ''succeeded''', 'new_state = ''succeeded'' OR new_state = ''needs_attention'''
)
WHERE type = 'table' AND name = 'history';

UPDATE sqlite_schema SET sql = replace(sql, '''refund.failed''', '''refund.failed'', ''refund.needs_attention''')
WHERE type = 'table' AND name = 'deliveries';

PRAGMA writable_schema = RESET;

-- Once the provider has taken a refund on, it is followed, and not asked for anew.
ALTER TABLE refunds ADD COLUMN was_submitted INTEGER NOT NULL DEFAULT 0
    CONSTRAINT refunds_was_submitted CHECK (was_submitted IN (0, 1));
UPDATE refunds SET was_submitted = 1 WHERE state = 'submitted';

-- Tries that were refused by a code that isn't final, and when the first of them was.
ALTER TABLE refunds ADD COLUMN refused_tries INTEGER NOT NULL DEFAULT 0
    CONSTRAINT refunds_refused_tries CHECK (refused_tries BETWEEN 0 AND 1000000000);
ALTER TABLE refunds ADD COLUMN refused_since INTEGER CONSTRAINT refunds_refused_since CHECK (
    (refused_tries = 0) = (refused_since IS NULL) AND ifnull(refused_since BETWEEN 0 AND 253402300799999, 1)
);

-- The provider's own code for its last refusal.
ALTER TABLE refunds ADD COLUMN provider_code TEXT
    CONSTRAINT refunds_provider_code CHECK (length(provider_code) BETWEEN 1 AND 64);

-- The code in the message to the merchant. A resent message says the same.
ALTER TABLE deliveries ADD COLUMN provider_code TEXT
    CONSTRAINT deliveries_provider_code CHECK (length(provider_code) BETWEEN 1 AND 64);

CREATE TRIGGER deliveries_keep_their_provider_code BEFORE UPDATE OF provider_code ON deliveries
BEGIN
    SELECT raise(ABORT, 'deliveries_keep_their_provider_code: a message is sent again as it was');
END;
