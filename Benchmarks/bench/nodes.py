"""Two nodes on a primary and a standby that confirms each commit: live events between them, and a failover."""

import http.client
import statistics
import threading
import time

from .pg import COMMIT
from .postgres import migrate
from .processes import LOOPBACK, Failure
from .results import Row, at_most
from .service import Service, as_merchant, call

# In each round.
EVENTS, MOST_NEWS = 12, 3
# The fewest that give an interval.
FAILOVERS, CALLERS = 6, 16
# Before the kill, and after the first pay that was acknowledged behind it.
PAYING_SECONDS = 2


class Cluster:
    """A primary and a synchronous standby, with the schema of the service."""

    def __init__(self, bench, name):
        self.primary, self.standby = (bench.server(f"{name}-{each}") for each in "ab")
        self.primary.create()
        self.standby.follow(self.primary)
        self.primary.start(synchronous_standby_names="ANY 1 (*)")
        # Once it is promoted, it goes on alone.
        self.standby.start(primary_conninfo=f"host={self.primary.folder} user=paypage")
        until = time.monotonic() + 30
        while self.primary.rows("SELECT sync_state FROM pg_stat_replication") != ["quorum"]:
            if time.monotonic() > until:
                raise Failure("the standby confirms no commits")
            time.sleep(0.05)
        self.uri = self.primary.uri("postgres", self.standby)
        migrate(bench.binary, self.uri)

    def node(self, bench, name):
        return Service(bench.binary, "", bench.sandbox, bench.folder, None, {"PAYPAGE_DATABASE_URL": self.uri}, name)


def news(bench):
    """Live events: from the answer of a change at one node to the event at the other."""
    cluster = Cluster(bench, "news")
    one, other = (cluster.node(bench, name) for name in ("one", "other"))
    cluster.primary.rows("CREATE TABLE commits (id bigserial PRIMARY KEY, note text NOT NULL)")
    slowest, commits = [], []
    for number in range(bench.options.rounds):
        times = []
        for place in range(EVENTS):
            order = f"news_{number}_{place}"
            one.first_pay(order, "u1")
            times.append(_seconds_to_event(order, one, other) * 1e3)
        slowest.append(max(times))
        commits.append(cluster.primary.bare(COMMIT, 1, 1)["p50"] / 1e3)
        bench.say(f"  round {number + 1}: the slowest of {EVENTS} events {slowest[-1]:.2f} ms, "
                  f"a commit {commits[-1]:.2f} ms")
    return [Row(
        "pg/news", f"a commit on one node to the event on another: the slowest of {EVENTS}",
        "a commit of one row that a standby confirms, p50", at_most(MOST_NEWS),
        [mine / other for mine, other in zip(slowest, commits)],
        f"{statistics.median(slowest):.1f} ms, a commit {statistics.median(commits):.2f} ms")]


def _seconds_to_event(order, one, other):
    connection = http.client.HTTPConnection(LOOPBACK, other.port, timeout=30)
    connection.request("GET", f"/v1/payments/{order}/events", headers=as_merchant())
    stream = connection.getresponse()
    if stream.status != 200 or not _read_until(stream, b"data: "):
        raise Failure(f"the event stream of {order} did not open: {stream.status}")
    seen = []
    reader = threading.Thread(
        target=lambda: seen.append(time.perf_counter() if _read_until(stream, b'"state":"closed"') else None))
    reader.start()
    status, _, body = call(one.port, "POST", f"/v1/payments/{order}/close", {}, as_merchant())
    answered = time.perf_counter()
    if status != 200:
        raise Failure(f"the close of {order} was answered with {status}: {body[:300]!r}")
    reader.join(30)
    connection.close()
    if not seen or seen[0] is None:
        raise Failure(f"no event told of the close of {order}")
    # The commit is a little older than the answer.
    return max(0.0, seen[0] - answered)


def _read_until(stream, wanted):
    while line := stream.readline():
        if wanted in line:
            return True
    return False


def failover(bench):
    """The primary is killed under load: the time from the promotion to the next acknowledged pay, and lost pays."""
    gaps, lost, acknowledged = [], 0, 0
    for number in range(FAILOVERS):
        gap, missing, count = _failover(bench, f"failover{number}")
        gaps.append(gap)
        lost += missing
        acknowledged += count
        bench.say(f"  failover {number + 1}: {gap:.2f} s, {missing} of {count} lost")
    return [Row(
        "pg/failover", f"{FAILOVERS} kills of a primary under load: promotion to the first acknowledged pay", "",
        at_most(2.5, " s"), gaps, f"{acknowledged:,} pays acknowledged", needs="none lost",
        faults=[f"{lost} pays lost"] if lost else [])]


def _failover(bench, name):
    cluster = Cluster(bench, name)
    nodes = [cluster.node(bench, f"{name}-{each}") for each in "12"]
    acknowledged, over = [], threading.Event()
    callers = [threading.Thread(target=_pay, args=(nodes[n % 2], f"{name}_{n}", acknowledged, over))
               for n in range(CALLERS)]
    for caller in callers:
        caller.start()
    try:
        time.sleep(PAYING_SECONDS)
        cluster.primary.kill()
        cluster.standby.promote()
        promoted, until = time.monotonic(), time.monotonic() + 60
        while not any(at > promoted for _, at in acknowledged[-CALLERS:]):
            if time.monotonic() > until:
                raise Failure("no pay was acknowledged within a minute of the promotion")
            time.sleep(0.005)
        first = min(at for _, at in acknowledged if at > promoted)
        time.sleep(PAYING_SECONDS)
    finally:
        over.set()
        for caller in callers:
            caller.join(60)
    stored = set(cluster.standby.rows("SELECT number FROM orders"))
    missing = sum(number not in stored for number, _ in acknowledged)
    for node in nodes:
        node.stop()
    for server in (cluster.primary, cluster.standby):
        server.remove()
    return first - promoted, missing, len(acknowledged)


def _pay(node, prefix, acknowledged, over):
    """Pays one order after the other. An order that was not answered is paid again, with the same key."""
    count = 0
    while not over.is_set():
        number = f"{prefix}_{count}"
        body = {"out_trade_no": number, "user_id": "u1", "amount": 9900, "currency": "CNY", "subject": "A book",
                "channel": "sandbox", "terminal": "pc"}
        headers = as_merchant(**{"Idempotency-Key": f"key-{number}"})
        try:
            status, _, _ = call(node.port, "POST", "/v1/payments", body, headers, seconds=40)
        except OSError:
            continue
        if status in (200, 201):
            acknowledged.append((number, time.monotonic()))
            count += 1
        else:
            time.sleep(0.02)
