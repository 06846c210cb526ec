-- Why: the pages of orders that are over are found for the purge by one look, among a million orders without any.
CREATE TABLE pages_to_purge (
    left_new_at INTEGER NOT NULL,
    order_number TEXT NOT NULL REFERENCES orders (number),

    PRIMARY KEY (left_new_at, order_number),
    CONSTRAINT pages_to_purge_left_new_at CHECK (left_new_at BETWEEN 0 AND 253402300799999)
) STRICT, WITHOUT ROWID;

-- No page is stored for an order that is over, so what is purged once needs no second look.
INSERT INTO pages_to_purge (left_new_at, order_number)
SELECT left_new_at, number FROM orders
WHERE state <> 'new' AND EXISTS (
    SELECT 1 FROM attempts JOIN pages ON pages.trade_no = attempts.trade_no WHERE attempts.order_number = number
);

-- By triggers, so that a process of an older version that is still at work can't leave a page behind.
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
