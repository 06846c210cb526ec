-- Why: what a provider told us is kept as it was received and verified, even about a trade that isn't ours.
CREATE TABLE notices (
    id INTEGER NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    -- The provider's own number for the notice, and its spelling of the trade's: neither need be one that we'd give.
    notice_id TEXT NOT NULL,
    trade_no TEXT NOT NULL,
    order_number TEXT REFERENCES orders (number),
    body TEXT NOT NULL,
    outcome TEXT NOT NULL,
    received_at INTEGER NOT NULL,

    CONSTRAINT notices_channel CHECK (
        length(channel) BETWEEN 1 AND 32 AND channel GLOB '[a-z]*' AND channel NOT GLOB '*[^a-z0-9_]*'
    ),
    -- A mebibyte: far above what the door lets in.
    CONSTRAINT notices_body CHECK (length(body) <= 1048576),
    CONSTRAINT notices_outcome CHECK (
        outcome IN ('paid', 'duplicate', 'late', 'repeated', 'disputed', 'orphan')
    ),
    CONSTRAINT notices_order_number CHECK ((outcome = 'orphan') = (order_number IS NULL)),
    CONSTRAINT notices_received_at CHECK (received_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE UNIQUE INDEX notices_one_for_id ON notices (channel, notice_id);

CREATE INDEX notices_of_order ON notices (order_number) WHERE order_number IS NOT NULL;
