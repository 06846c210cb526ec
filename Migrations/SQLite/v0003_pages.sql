-- Why: the page that is served again and again is found by one indexed read, and is never older than it says.
CREATE TABLE pages (
    -- Later pages have higher ids: a page that is minted again is a new row.
    id INTEGER NOT NULL PRIMARY KEY,
    trade_no TEXT NOT NULL REFERENCES attempts (trade_no),
    terminal TEXT NOT NULL,
    -- Empty where the provider binds the page to no payer.
    openid TEXT NOT NULL,
    -- The terminals that may be given it, added up: pc 1, h5 2, app 4, jsapi 8.
    serves INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    minted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,

    CONSTRAINT pages_terminal CHECK (terminal IN ('pc', 'h5', 'app', 'jsapi')),
    CONSTRAINT pages_openid CHECK (length(openid) <= 512),
    CONSTRAINT pages_serves CHECK (
        serves BETWEEN 1 AND 15
        AND serves & CASE terminal WHEN 'pc' THEN 1 WHEN 'h5' THEN 2 WHEN 'app' THEN 4 WHEN 'jsapi' THEN 8 END
    ),
    CONSTRAINT pages_kind CHECK (kind IN ('html', 'qr', 'redirect', 'sdk')),
    -- A mebibyte: a provider's form is a few kilobytes.
    CONSTRAINT pages_content CHECK (length(content) BETWEEN 1 AND 1048576),
    CONSTRAINT pages_times CHECK (
        minted_at BETWEEN 0 AND 253402300799999 AND expires_at BETWEEN 0 AND 253402300799999
    )
) STRICT;

CREATE UNIQUE INDEX pages_one_for_terminal_and_payer ON pages (trade_no, terminal, openid);

-- A trade's pages in the order in which they were minted: the hot path needs no sorting.
CREATE INDEX pages_of_trade ON pages (trade_no);

CREATE TRIGGER pages_only_end_sooner BEFORE UPDATE OF expires_at ON pages
WHEN NEW.expires_at > OLD.expires_at
BEGIN
    SELECT raise(ABORT, 'pages_only_end_sooner: a page that is over is minted anew, not prolonged');
END;
