-- Why: SQLite makes a table for each list of three or more that a trigger or an index looks into, at every move of an
-- attempt: the same rules as comparisons. The lists in its CHECKs stay, because too much hangs on the table itself.
DROP INDEX attempts_one_live;

-- The rule of the house.
CREATE UNIQUE INDEX attempts_one_live ON attempts (order_number)
WHERE state = 'creating' OR state = 'open' OR state = 'closing';

DROP TRIGGER attempts_move_by_the_table;

-- The moves of the table in the design, and no other: AttemptStateName.mayBecome says the same.
CREATE TRIGGER attempts_move_by_the_table BEFORE UPDATE OF state ON attempts
WHEN NEW.state <> OLD.state AND NOT CASE OLD.state
    WHEN 'creating' THEN NEW.state = 'open' OR NEW.state = 'closing' OR NEW.state = 'exposed' OR NEW.state = 'closed'
        OR NEW.state = 'failed' OR NEW.state = 'lapsed' OR NEW.state = 'paid'
    WHEN 'open' THEN NEW.state = 'closing' OR NEW.state = 'closed' OR NEW.state = 'lapsed' OR NEW.state = 'paid'
    WHEN 'closing' THEN NEW.state = 'exposed' OR NEW.state = 'closed' OR NEW.state = 'lapsed' OR NEW.state = 'paid'
    WHEN 'exposed' THEN NEW.state = 'open' OR NEW.state = 'closing' OR NEW.state = 'closed' OR NEW.state = 'lapsed'
        OR NEW.state = 'paid'
    WHEN 'closed' THEN NEW.state = 'paid'
    WHEN 'failed' THEN NEW.state = 'paid'
    WHEN 'lapsed' THEN NEW.state = 'paid'
    ELSE FALSE
END
BEGIN
    SELECT raise(ABORT, 'attempts_move_by_the_table: no such move');
END;
