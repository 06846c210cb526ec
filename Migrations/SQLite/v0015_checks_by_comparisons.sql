-- Why: as in v0014, SQLite makes a table for each list of three or more that a CHECK looks into, at every row that is
-- written: nine of them for a first pay. The same rules as comparisons. What is stored stays where it is: rows that were
-- taken before are those that are taken now, so that only the tables' texts have to change, by the second procedure of
-- SQLite's "Making Other Kinds Of Table Schema Changes".
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(
    sql, 'state IN (''new'', ''paid'', ''closed'', ''expired'')',
    'state = ''new'' OR state = ''paid'' OR state = ''closed'' OR state = ''expired'''
)
WHERE type = 'table' AND name = 'orders';

UPDATE sqlite_schema SET sql = replace(
    sql, 'terminal IN (''pc'', ''h5'', ''app'', ''jsapi'')',
    'terminal = ''pc'' OR terminal = ''h5'' OR terminal = ''app'' OR terminal = ''jsapi'''
)
WHERE type = 'table' AND name IN ('attempts', 'pages');

UPDATE sqlite_schema SET sql = replace(
    sql,
    'state IN (''creating'', ''open'', ''closing'', ''exposed'', ''closed'', ''failed'', ''lapsed'', ''paid'')',
    'state = ''creating'' OR state = ''open'' OR state = ''closing'' OR state = ''exposed'' OR state = ''closed'''
    || ' OR state = ''failed'' OR state = ''lapsed'' OR state = ''paid'''
)
WHERE type = 'table' AND name = 'attempts';

UPDATE sqlite_schema SET sql = replace(
    sql, 'state IN (''open'', ''exposed'', ''closed'', ''failed'')',
    '(state = ''open'' OR state = ''exposed'' OR state = ''closed'' OR state = ''failed'')'
)
WHERE type = 'table' AND name = 'attempts';

UPDATE sqlite_schema SET sql = replace(
    sql, 'kind IN (''html'', ''qr'', ''redirect'', ''sdk'')',
    'kind = ''html'' OR kind = ''qr'' OR kind = ''redirect'' OR kind = ''sdk'''
)
WHERE type = 'table' AND name = 'pages';

PRAGMA writable_schema = RESET;

-- A change that SQLite makes itself has every connection read the texts anew.
CREATE VIEW texts_have_changed AS SELECT 1;
DROP VIEW texts_have_changed;
