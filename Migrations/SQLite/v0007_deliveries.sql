-- Why: what the merchant is to be told is stored in the transaction that causes it, so that neither comes alone.
CREATE TABLE deliveries (
    -- Never used twice, so that a merchant can tell by it what it was told before.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_number TEXT NOT NULL REFERENCES orders (number),
    kind TEXT NOT NULL,
    trade_no TEXT REFERENCES attempts (trade_no),
    occurred_at INTEGER NOT NULL,

    CONSTRAINT deliveries_kind CHECK (kind IN (
        'order.paid', 'order.closed', 'order.expired', 'payment.duplicate', 'payment.late', 'refund.succeeded',
        'refund.failed'
    )),
    CONSTRAINT deliveries_trade_no CHECK ((kind IN ('order.closed', 'order.expired')) = (trade_no IS NULL)),
    CONSTRAINT deliveries_occurred_at CHECK (occurred_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE INDEX deliveries_of_order ON deliveries (order_number, id);
