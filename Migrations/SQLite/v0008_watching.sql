-- Why: what may hold money is asked after until its provider has said its last word, and money that goes back is
-- followed until it is back, by whichever process is there when the time comes.
ALTER TABLE attempts ADD COLUMN last_word_at INTEGER NOT NULL DEFAULT 0
    CONSTRAINT attempts_last_word_at CHECK (last_word_at BETWEEN 0 AND 253402300799999);

ALTER TABLE attempts ADD COLUMN ask_at INTEGER CONSTRAINT attempts_ask_at CHECK (
    ask_at IS NULL OR (state IN ('open', 'exposed', 'closed', 'failed') AND ask_at BETWEEN 0 AND 253402300799999)
);

-- The margin of the time before this step was 60 s, unless configured; what was left behind is asked after at once.
UPDATE attempts SET
    last_word_at = provider_deadline + 60000,
    ask_at = CASE
        WHEN state IN ('open', 'exposed') THEN created_at
        WHEN state IN ('closed', 'failed') THEN provider_deadline + 60000
    END;

CREATE TRIGGER attempts_keep_their_last_word BEFORE UPDATE OF last_word_at ON attempts
WHEN NEW.last_word_at IS NOT OLD.last_word_at
BEGIN
    SELECT raise(ABORT, 'attempts_keep_their_last_word: when a provider is asked for the last time never changes');
END;

CREATE INDEX attempts_to_ask ON attempts (ask_at, trade_no) WHERE ask_at IS NOT NULL;

-- What is closed when its provider takes no money any more.
CREATE INDEX attempts_to_end ON attempts (provider_deadline, order_number) WHERE state = 'open';

-- What may be over.
CREATE INDEX orders_to_expire ON orders (deadline, number) WHERE state = 'new';

ALTER TABLE refunds ADD COLUMN ask_at INTEGER CONSTRAINT refunds_ask_at CHECK (
    ask_at IS NULL OR (state IN ('pending', 'submitted') AND ask_at BETWEEN 0 AND 253402300799999)
);

UPDATE refunds SET ask_at = created_at WHERE state IN ('pending', 'submitted');

CREATE INDEX refunds_to_ask ON refunds (ask_at, number) WHERE ask_at IS NOT NULL;
