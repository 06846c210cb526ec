"""Clones of orders by SQL: every column of every row that the service wrote for a template.

The template's number is replaced by the clone's number in all texts, and the provider's number of its payment by one of
the clone's own. Times move back, as if the orders had come one after the other. So a clone equals an order written by
the service, with any schema. Rows are inserted into bare tables, in the order of their keys. The indexes and triggers
follow, as the migrated schema has them.
"""

import hashlib
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from .processes import Failure
from .service import FIFTEEN_DAYS

# Occurs only in the template's number, user and key. Clones have other digits there.
MARK = "7654321"
# Every time is later than this, and every larger number is a time (2017, in milliseconds).
FIRST_TIME = 1_500_000_000_000
# An order has no rows in the tables of operation.
OPERATION = ("sqlite_", "schema_migrations", "readiness", "channel", "service_conditions", "webhook_endpoints", "bill",
             "differences")
# Numbers of rows in other tables.
REFERENCES = {("deliveries", "event_id"): "events", ("delivery_attempts", "delivery_id"): "deliveries"}
# A prime, so that neighbouring orders are of different kinds, and each kind is as frequent as it is named.
STEP = 7_919


@dataclass
class Template:
    """A database with one order."""

    path: Path
    # How long ago, in milliseconds, the order's times say that it was made.
    age: int = 0


@dataclass
class Clones:
    """A group of clones: their number, the age of the youngest, the time between two, the kinds of their templates (each
    as frequent as it is named), and the columns that differ (an expression over `t`, the template's row).
    """

    count: int
    age: int = 0
    columns: dict = None
    kinds: tuple = ("new",)
    apart: int = 1


class Cloning:
    """Clones templates into a database of the same schema. A new database has the first template's tables of operation.
    """

    def __init__(self, target, templates):
        self.templates = templates
        self.is_new = not target.exists()
        if self.is_new:
            shutil.copyfile(next(iter(templates.values())).path, target)
        self.db = sqlite3.connect(target, isolation_level=None)
        self.db.create_function("fingerprint_of", 1, fingerprint, deterministic=True)
        for pragma in ("foreign_keys = OFF", "cache_size = -600000", "threads = 2"):
            self.db.execute(f"PRAGMA {pragma}")
        if self.is_new:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "ignore_check_constraints = ON",
                           "locking_mode = EXCLUSIVE"):
                self.db.execute(f"PRAGMA {pragma}")
        self.db.execute("BEGIN IMMEDIATE")
        self._read_templates()
        self.schema = self._schema()
        if self.is_new:
            self._strip()

    def clone(self, first, part):
        """Adds the orders from the number `first` on."""
        already = self.db.execute("SELECT ifnull(max(rowid), 0) FROM orders").fetchone()[0]
        self.db.execute("DROP TABLE IF EXISTS temp.slots")
        self.db.execute("CREATE TEMP TABLE slots (slot INTEGER PRIMARY KEY, kind TEXT, age INTEGER, word TEXT)")
        self.db.executemany("INSERT INTO slots VALUES (?, ?, ?, ?)", [
            (slot, kind, self.templates[kind].age, self.words[kind]) for slot, kind in enumerate(part.kinds)])
        self.places = {table: self._places(table, first) for table in self.tables if "id" in self.columns[table]}
        for table in self.tables:
            expressions = [self._expression(table, name, part.columns or {}) for name in self.columns[table]]
            self.db.execute(
                f"""
                WITH RECURSIVE series (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM series WHERE n < ?2),
                numbered AS (
                    SELECT n, printf('%07d', n) AS digits, (?2 - n) * ?4 + 1 + ?3 - slots.age AS shift, kind, word,
                        'sbx_' || printf('%08x', n * 2654435761 % 4294967296) || substr(word, 13) AS fresh
                    FROM series CROSS JOIN slots ON slot = n * {STEP} % {len(part.kinds)}
                )
                INSERT INTO main.{table} ({', '.join(self.columns[table])}) SELECT {', '.join(expressions)}
                FROM numbered CROSS JOIN temp.rows_{table} AS t ON t.template = numbered.kind
                """, (first, first + part.count - 1, part.age, part.apart))
        if part.columns and self.is_new:
            self.db.execute("INSERT INTO pages_to_purge SELECT left_new_at, number FROM orders WHERE rowid > ?"
                            " AND left_new_at IS NOT NULL ORDER BY left_new_at, number", (already,))

    def finish(self, thoroughly=False):
        """Restores the schema and checks it, and the rules of the rows if it is asked for."""
        if self.is_new:
            existing = {row[1] for row in self._schema()}
            for kind, name, _, sql in self.schema:
                if name not in existing:
                    self.db.execute(sql)
        self.db.execute("COMMIT")
        if sorted(self._schema()) != sorted(self.schema):
            raise Failure("the schema of the clones differs from the migrated one")
        self.db.execute("PRAGMA ignore_check_constraints = OFF")
        if thoroughly:
            if broken := self.db.execute("PRAGMA main.foreign_key_check").fetchall():
                raise Failure(f"the clones violate foreign keys: {broken[:3]}")
            if (said := self.db.execute("PRAGMA main.integrity_check").fetchone()[0]) != "ok":
                raise Failure(f"the database of clones is corrupt: {said}")
        if self.is_new:
            self.db.execute("PRAGMA locking_mode = NORMAL")
            self.db.execute("PRAGMA journal_mode = WAL")
        self.db.close()

    def _schema(self):
        return self.db.execute(
            "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").fetchall()

    def _strip(self):
        for kind, name, _, _ in self.schema:
            if kind in ("index", "trigger"):
                self.db.execute(f"DROP {kind} {name}")
        for table in self.tables:
            self.db.execute(f"DELETE FROM {table}")

    def _read_templates(self):
        """Loads the templates' rows, and learns what their columns contain."""
        names = [row[0] for row in self.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
        names = [name for name in names if not name.startswith(OPERATION)]
        self.columns = {table: [row[1] for row in self.db.execute(f"PRAGMA table_info({table})")] for table in names}
        self.rows = {table: [] for table in names}
        self.words = {}
        for kind, template in self.templates.items():
            with sqlite3.connect(template.path) as db:
                word = db.execute("SELECT transaction_id FROM receipts").fetchone()
                # Absent without a payment. A mark that no text has changes nothing.
                self.words[kind] = word[0] if word else "no payment"
                places = {}
                for table in names:
                    found = db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                    places[table] = {row[0]: place for place, row in enumerate(found)}
                    self.rows[table] += [(kind, place, *row) for place, row in enumerate(found)]
                for (table, column), referred in REFERENCES.items():
                    at = self.columns[table].index(column) + 2
                    self.rows[table] = [
                        (*row[:at], places[referred][row[at]], *row[at + 1:]) if row[0] == kind else row
                        for row in self.rows[table]]
            db.close()
        self.tables = [table for table in names if self.rows[table]]
        for table in self.tables:
            self.db.execute(f"CREATE TEMP TABLE rows_{table} (template, place, {', '.join(self.columns[table])}, "
                            "PRIMARY KEY (template, place)) WITHOUT ROWID")
            marks = ", ".join("?" * len(self.rows[table][0]))
            self.db.executemany(f"INSERT INTO temp.rows_{table} VALUES ({marks})", self.rows[table])

    def _places(self, table, first):
        """The number before an order's first row in the table. Each order has room for the most rows of a kind."""
        already = self.db.execute(f"SELECT ifnull(max(id), 0) FROM main.{table}").fetchone()[0]
        most = max(row[1] for row in self.rows[table]) + 1
        return f"{already + 1} + (n - {first}) * {most}"

    def _expression(self, table, name, differing):
        if (table, name) in differing:
            return differing[table, name]
        if name == "fingerprint":
            return "fingerprint_of(digits)"
        if name == "id":
            return f"{self.places[table]} + place"
        if (table, name) in REFERENCES:
            return f"{self.places[REFERENCES[table, name]]} + t.{name}"
        at = self.columns[table].index(name) + 2
        values = [(row[0], row[at]) for row in self.rows[table] if row[at] is not None]
        numbers = [value for _, value in values if isinstance(value, int)]
        if any(value > FIRST_TIME for value in numbers):
            return f"t.{name} - shift" if min(numbers) > FIRST_TIME else \
                f"CASE WHEN t.{name} > {FIRST_TIME} THEN t.{name} - shift ELSE t.{name} END"
        text = f"t.{name}"
        if any(isinstance(value, str) and MARK in value for _, value in values):
            text = f"replace({text}, '{MARK}', digits)"
        if any(isinstance(value, str) and self.words[kind] in value for kind, value in values):
            text = f"replace({text}, word, fresh)"
        return text


def fingerprint(digits):
    """The service's fingerprint of a first pay's body, which recognises a repeat."""
    parts = [f"bench_{digits}", f"user_{digits}", "9900", "CNY", "A book", "sandbox", "pc", str(FIFTEEN_DAYS), None,
             None, None]
    said = "".join("-:;" if part is None else f"{len(part)}:{part};" for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()


def remove(path):
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
