"""Databases with many orders, cloned by SQL from one order of the real binary.

Every column of every row of a first pay is copied. The template's own number is replaced by the clone's number in all
texts. Times move back by a millisecond per order, as if the orders had come one after the other. So a clone equals an
order written by the service, with any schema. There is one exception: the time of the next provider query. A million
open orders, each queried every ten minutes, would cause 1,700 provider calls a second.
"""

import hashlib
import json
import shutil
import sqlite3
import time
from dataclasses import asdict, dataclass

from .processes import Failure
from .service import FIFTEEN_DAYS, Sandbox, Service

# Occurs only in the template's number, user and key. Clones have other digits there.
MARK = "7654321"
# Every time is later than this, and every larger number is a time (2017, in milliseconds).
FIRST_TIME = 1_500_000_000_000
DAY = 24 * 60 * 60 * 1_000
# Raise this when this file creates databases differently. Older databases are then recreated.
RECIPE = b"1"
# A database with less time left than this is recreated.
SHORTEST_LIFE = 3 * DAY


@dataclass
class Seeded:
    """A database file and its facts."""

    path: str
    key: str
    orders: int
    made_at: int
    deadline: int
    content: str

    def number(self, index):
        return f"bench_{index:07d}"

    def user(self, index):
        return f"user_{index:07d}"

    def page(self, index):
        return self.content.replace(MARK, f"{index:07d}")


@dataclass
class Clones:
    """A group of clones: their number, their age, and the columns that differ (an expression over `t`, the template's
    row).
    """

    count: int
    age: int = 0
    columns: dict = None


def expired(days_ago):
    """Orders that are over but still have their pages: the purge's work, a day after the end."""
    over = f"({int(time.time() * 1_000) - int(days_ago * DAY)})"
    return {
        ("orders", "state"): "'expired'", ("orders", "left_new_at"): over, ("orders", "fence"): "t.fence + 1",
        ("attempts", "state"): "'lapsed'", ("attempts", "state_since"): over, ("attempts", "ask_at"): "NULL",
    }


# Expired orders whose provider must be queried once more, which is the sweep's work.
UNSWEPT = {("attempts", "ask_at"): "t.last_word_at - shift"}


class Seeder:
    def __init__(self, root, binary, folder, logs, say):
        self.binary, self.folder, self.logs, self.say = binary, folder, logs, say
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(RECIPE)
        for path in sorted((root / "Migrations/SQLite").glob("*.sql")):
            digest.update(path.read_bytes())
        self.schema = digest.hexdigest()[:16]

    def database(self, name, parts):
        """The database of that name: an existing one if it still serves, or a new one."""
        path, note = self.folder / f"{name}.sqlite", self.folder / f"{name}.json"
        key = f"{self.schema} {[part.count for part in parts]}"
        if path.exists() and note.exists():
            # The current path: the clone of the repository may have moved.
            known = Seeded(**json.loads(note.read_text()) | {"path": str(path)})
            if known.key == key and known.deadline - time.time() * 1_000 > SHORTEST_LIFE and self._is_lean(known):
                return known
        # A half-made database must not look complete.
        note.unlink(missing_ok=True)
        made = self._make(name, path, key, parts)
        note.write_text(json.dumps(asdict(made)))
        return made

    def copy(self, seeded, name):
        """A copy that may be written."""
        target = self.folder / f"{name}.sqlite"
        remove(target)
        shutil.copyfile(seeded.path, target)
        return target

    def _is_lean(self, known):
        """Whether the first pays of earlier runs have left the database nearly unchanged."""
        with sqlite3.connect(known.path) as db:
            rows = db.execute("SELECT max(rowid) FROM orders").fetchone()[0]
        db.close()
        return rows < known.orders * 1.3

    def _make(self, name, path, key, parts):
        count = sum(part.count for part in parts)
        self.say(f"making the database {name}: {count:,} orders (about {5 + count // 8_000} s)")
        began = time.monotonic()
        template, fresh = self.folder / f"{name}-template.sqlite", self.folder / f"{name}-new.sqlite"
        for old in (path, template, fresh):
            remove(old)
        made_at = self._make_template(template)
        shutil.copyfile(template, fresh)
        db = sqlite3.connect(fresh, isolation_level=None)
        db.create_function("fingerprint_of", 1, fingerprint, deterministic=True)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("ATTACH ? AS template", (str(template),))
        db.execute("BEGIN IMMEDIATE")
        # The template itself stays, under its own number.
        first = 1
        for part in parts:
            clone(db, first, part)
            first += part.count
        db.execute("COMMIT")
        deadline, content = db.execute(
            "SELECT min(deadline), (SELECT content FROM template.pages) FROM template.orders").fetchone()
        check(db, thoroughly=count <= 20_000)
        db.execute("DETACH template")
        db.execute("PRAGMA journal_mode = WAL")
        db.close()
        remove(template)
        fresh.rename(path)
        self.say(f"made the database {name} in {time.monotonic() - began:.0f} s, {path.stat().st_size >> 20} MiB")
        return Seeded(str(path), key, count, made_at, deadline, content)

    def _make_template(self, template):
        sandbox = Sandbox(self.binary, self.logs)
        service = Service(self.binary, template, sandbox, self.logs)
        service.first_pay(f"bench_{MARK}", f"user_{MARK}")
        service.stop()
        sandbox.stop()
        with sqlite3.connect(template, isolation_level=None) as db:
            # The time of the last query: see above.
            db.execute("UPDATE attempts SET ask_at = last_word_at WHERE ask_at IS NOT NULL")
            db.execute("PRAGMA journal_mode = DELETE")
        db.close()
        return int(time.time() * 1_000)


def clone(db, first, part):
    tables = [row[0] for row in db.execute("SELECT name FROM template.sqlite_schema WHERE type = 'table'")]
    for table in tables:
        # An order has no rows in the tables of operation.
        if table.startswith(("sqlite_", "schema_migrations", "pages_to_purge", "readiness", "channels",
                             "channel_pauses", "service_conditions", "bill", "differences")):
            continue
        rows = db.execute(f"SELECT count(*) FROM template.{table}").fetchone()[0]
        if rows:
            expressions = [expression(table, column, rows, part.columns or {}) for column in
                           db.execute(f"PRAGMA template.table_info({table})").fetchall()]
            db.execute(
                f"""
                WITH RECURSIVE series (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM series WHERE n < ?2),
                numbered AS (SELECT n, printf('%07d', n) AS digits, ?2 - n + 1 + ?3 AS shift FROM series)
                INSERT INTO main.{table} SELECT {', '.join(expressions)}
                FROM numbered CROSS JOIN (SELECT *, row_number() OVER () AS place FROM template.{table}) AS t
                """, (first, first + part.count - 1, part.age))


def expression(table, column, rows, differing):
    _, name, kind, _, _, _ = column
    if (table, name) in differing:
        return differing[table, name]
    if name == "fingerprint":
        return "fingerprint_of(digits)"
    if name == "id":
        return f"(SELECT count(*) FROM template.{table}) + (n - 1) * {rows} + place"
    if kind == "TEXT":
        return f"replace(t.{name}, '{MARK}', digits)"
    if kind == "INTEGER":
        return f"CASE WHEN t.{name} > {FIRST_TIME} THEN t.{name} - shift ELSE t.{name} END"
    return f"t.{name}"


def fingerprint(digits):
    """The service's fingerprint of a first pay's body, which recognises a repeat."""
    parts = [f"bench_{digits}", f"user_{digits}", "9900", "CNY", "A book", "sandbox", "pc", str(FIFTEEN_DAYS), None,
             None, None]
    said = "".join("-:;" if part is None else f"{len(part)}:{part};" for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()


def check(db, thoroughly):
    """Checks that the clones satisfy the schema's rules."""
    mark = db.execute("SELECT fingerprint FROM template.idempotency_keys").fetchone()[0]
    if mark != fingerprint(MARK):
        raise Failure("the service computes the fingerprint of a first pay differently now; update seed.py")
    if thoroughly:
        if broken := db.execute("PRAGMA main.foreign_key_check").fetchall():
            raise Failure(f"the clones violate foreign keys: {broken[:3]}")
        if (said := db.execute("PRAGMA main.integrity_check").fetchone()[0]) != "ok":
            raise Failure(f"the database of clones is corrupt: {said}")


def put_off_asking(path):
    """Delays the provider queries for first pays of earlier runs, which would form an unrealistic backlog."""
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("UPDATE attempts SET ask_at = last_word_at WHERE ask_at < last_word_at AND state = 'open'")
    db.close()


def remove(path):
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
