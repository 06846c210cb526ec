-- Why: some providers (Stripe) take no call by our number, only by a name of their own, which must outlive the process
-- that heard it.
ALTER TABLE attempts ADD COLUMN provider_reference TEXT CONSTRAINT attempts_provider_reference CHECK (
    provider_reference IS NULL OR length(provider_reference) BETWEEN 1 AND 255
);

-- It names the trade for good: a query and a close go by it, and a notice must name it.
CREATE TRIGGER attempts_keep_their_reference BEFORE UPDATE OF provider_reference ON attempts
WHEN OLD.provider_reference IS NOT NULL AND NEW.provider_reference IS NOT OLD.provider_reference
BEGIN
    SELECT raise(ABORT, 'attempts_keep_their_reference: the name that a provider has for a trade never changes');
END;
