"""One run: its folder, its databases, and the state shared by its groups of measurements."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path

from .background import Background
from .clones import Clones, remove
from .load import page_request, repay_request, write_requests
from .postgres import Server
from .processes import Failure, Started
from .rivals import Floor, Nginx
from .seed import SHORTEST_LIFE, Seeder
from .service import FIFTEEN_DAYS, JWT_SECRET, Sandbox, Service, answer_of
from .tokens import hs256

# The number of different orders that are requested in turn.
WARM = 50_000
# Tokens with less than three days left are recreated, like the databases.
TOKENS_SERVE_SECONDS = FIFTEEN_DAYS - SHORTEST_LIFE / 1_000
# The prefix of folders in memory; the id of their process follows.
SHARED = "paypage-bench-"


def only_one(cache):
    """A lock that is held until the process ends. Two concurrent runs would spoil each other's databases and figures.
    """
    lock = open(cache / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Failure("another run of the benchmark is in progress in this clone") from None
    return lock


def sweep(cache):
    """Removes the files of runs that were killed. No other run of this clone is alive: see above."""
    for folder in cache.glob("run-*"):
        shutil.rmtree(folder, ignore_errors=True)
    for left in [*(cache / "databases").glob("run-*"), *(cache / "databases").glob("*-new.sqlite*")]:
        left.unlink(missing_ok=True)
    for folder in Path("/dev/shm").glob(f"{SHARED}*"):
        if not Path("/proc", folder.name.rpartition("-")[2]).exists():
            shutil.rmtree(folder, ignore_errors=True)


class Bench:
    def __init__(self, root, options):
        self.root, self.options, self.binary = root, options, options.binary
        self.cache = root / ".build/bench"
        self.cache.mkdir(parents=True, exist_ok=True)
        self._alone = only_one(self.cache)
        sweep(self.cache)
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.cache))
        self.seeder = Seeder(root, self.binary, self.cache / "databases", self.folder, self.say)
        self.venv, self.bare_route = self.cache / "venv", options.bare_route
        self.began = time.monotonic()
        self.copies, self.caches, self.servers = [], [], []

    def say(self, line):
        print(f"bench {time.monotonic() - self.began:5.0f} s: {line}", file=sys.stderr, flush=True)

    @cached_property
    def sandbox(self):
        return Sandbox(self.binary, self.folder)

    @cached_property
    def background(self):
        return Background(self.folder)

    @cached_property
    def small(self):
        return self.seeder.database("small", [Clones(10_000)])

    @cached_property
    def main(self):
        return self.seeder.database("main", [Clones(60_000)])

    @cached_property
    def million(self):
        return self.seeder.database("million", [Clones(1_000_000)])

    def copy(self, seeded, name):
        """A copy of the database, deleted after the run."""
        path = self.seeder.copy(seeded, f"run-{name}")
        self.copies.append(path)
        return path

    def service(self, database, name="serve", **settings):
        return Service(self.binary, database, self.sandbox, self.folder, self.es256[0], settings, name)

    def server(self, name):
        """A PostgreSQL server that was not created yet. It ends with the group."""
        server = Server(self.folder, name)
        self.servers.append(server)
        return server

    def postgres(self, name):
        """A running PostgreSQL server."""
        return self.server(name).create().start()

    @cached_property
    def es256(self):
        """The file of public keys and the file of tokens. They are reused while they are valid for days."""
        made = self.cache / "es256"
        keys, tokens = made / "jwks.json", made / "tokens"
        if not tokens.exists() or time.time() - tokens.stat().st_mtime > TOKENS_SERVE_SECONDS:
            self.say(f"signing {WARM:,} tokens with ES256")
            fresh = self.folder / "es256"
            fresh.mkdir()
            subprocess.run(
                [self.venv / "bin/python", "-B", "-m", "bench.tokens", fresh / keys.name, fresh / tokens.name,
                 str(WARM)], check=True, cwd=self.root / "Benchmarks")
            shutil.rmtree(made, ignore_errors=True)
            fresh.rename(made)
        return keys, tokens

    def nginx(self, service, folder=None):
        """An nginx before the service. Its pages are kept in memory, if there is a file system for that."""
        shared = Path("/dev/shm")
        parent = shared if os.access(shared, os.W_OK) else self.folder
        pages = parent / f"{SHARED}nginx-{len(self.caches)}-{os.getpid()}"
        self.caches.append(pages)
        pages.mkdir()
        return Nginx(folder or self.folder, service, pages)

    def floor(self, service, path, method="GET", body=None):
        """The epoll server with the service's answer to this request."""
        return Floor(self.options.epoll_floor, self.folder, *answer_of(service.port, path, method, body))

    def page_requests(self, seeded, indexes, name):
        path = self.folder / f"page-{name}"
        return path if path.exists() else write_requests(path, (page_request(seeded.number(n)) for n in indexes))

    def repay_requests(self, seeded, tokens, name):
        """`tokens` has one token per order, from the first order on. None uses the API key."""
        if tokens is None:
            return write_requests(self.folder / name, (repay_request(seeded.number(n + 1)) for n in range(WARM)))
        pairs = enumerate(tokens, start=1)
        return write_requests(self.folder / name, (repay_request(seeded.number(n), token) for n, token in pairs))

    @staticmethod
    def hs256_tokens(seeded, series=0):
        """One token per user. Another series gives other tokens for the same users."""
        return [hs256(seeded.user(n + 1), JWT_SECRET, series) for n in range(WARM)]

    def end_group(self):
        """Stops every process of this group and deletes its files."""
        # The services end before their databases.
        for started in [each for each in Started.every if each not in [server.started for server in self.servers]]:
            started.stop(seconds=3)
        for server in self.servers:
            server.remove()
        Started.stop_all()
        for name in ("sandbox", "background"):
            if name in self.__dict__:
                del self.__dict__[name]
        for path in self.copies:
            remove(path)
        for log in self.folder.glob("*.log"):
            log.unlink()
        for path in self.caches:
            shutil.rmtree(path, ignore_errors=True)
        self.copies, self.caches, self.servers = [], [], []

    def end(self):
        self.end_group()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep_logs(self, name):
        """Keeps the logs of a failed group for inspection."""
        kept = self.cache / "failed" / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for log in self.folder.glob("*.log"):
            shutil.copy(log, kept)
        self.say(f"the logs are kept in {kept}")
