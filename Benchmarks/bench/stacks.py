"""The stacks of a callgrind dump, with readable names, and the part of the service that each belongs to."""

import functools
import re
import subprocess
from collections import Counter

# The parts, each with the modules and C functions that it consists of. A frame belongs to the first that matches.
PARTS = {
    "JSON": r"JSON|7Scanner|ppendEscape",
    "hashes and signatures": r"BoringSSL|^\$s6Crypto|^\$s12CryptoExtras|^\$s6JWTKit|SHA256|HMAC",
    "SQL and commits": r"^sqlite3|^\$s(So)?\d*(GRDB|SQLiteStore|LedgerSQL)",
    "provider's client": r"^curl|^\$s\d*PayProviders",
    "logs, metrics, traces": r"^\$s\d*(PayTelemetry|Logging|CoreMetrics|Metrics|Tracing|Instrumentation)",
    "rules and flows": r"^\$s\d*(PayCore|PayFlow|PayRecords|PayJobs)",
    "pages in memory": r"^\$s(Sa)?\d*PayCache",
    "keys and limits": r"^\$s\d*PayAccess",
    "API": r"^\$s\d*(PayAPI|PayCheckout|paypage)",
    "HTTP": r"^\$s\d*(NIO|_NIO|Hummingbird|HTTPTypes|FrontDoor|FastLane)|^c_nio|llhttp",
}
OTHER = "tasks and threads"
MATCHERS = {part: re.compile(pattern) for part, pattern in PARTS.items()}

# The jobs that run once a second, with their reads of the database, and the timer of the header field Date.
JOBS = re.compile(r"JobRunner|5ClockPsE5sleep|8PayClock\w*5sleep|DispatchQueueExecutor|4GRDB12DatabasePoolC\w*[rR]ead"
                  r"|4GRDB4PoolC3get|AsyncAlgorithms|9DateCache|MetricHistory|DueStatements|9SQLLedgerC\d+ordersTo")
# Frames of the runtime that only pass on.
PASSING = re.compile(
    r"thunk|swift_task_switch|swift_job_run|runJobIn|run_job|jobInvoke|^_dispatch|^dispatch_|^\(below main\)|"
    r"start_thread|clone|resume_adapter|TaskLocal|completeTask|^0x")
WRAPPING = re.compile(
    r"^(merged |specialized |partial apply for |closure #\d+ in |implicit closure #\d+ in |protocol witness for |"
    r"\(\d+\) (await|suspend) resume partial function for |"
    r"(generic|function signature) specialization <.*?> of |outlined |static |async function pointer to )+")


def read(dump):
    """The instructions of each stack. A stack is a tuple of names, the outermost first."""
    names, stacks, current, is_call = {}, Counter(), None, False
    with open(dump) as lines:
        for line in lines:
            if line.startswith(("fn=", "cfn=")):
                number, _, name = line.partition("=")[2].rstrip().partition(" ")
                if name:
                    names[number] = name
                if line.startswith("fn="):
                    current = number
            elif line.startswith("calls="):
                # The next line is what the called function took.
                is_call = True
            elif line[0] in "0123456789+-*" and current:
                if not is_call:
                    stacks[current] += int(line.split()[1])
                is_call = False
    whole = Counter()
    for number, count in stacks.items():
        # Callers follow the function. A number marks a recursion.
        frames = [part for part in names[number].split("'") if not part.isdigit()]
        whole[tuple(reversed(frames))] += count
    return whole


def without_jobs(stacks):
    """The stacks that no job is seen in."""
    return Counter({stack: count for stack, count in stacks.items() if not any(map(is_of_job, stack))})


@functools.cache
def is_of_job(frame):
    return bool(JOBS.search(frame))


def part_of(stack):
    """The part of the innermost frame that has one: memory and reference counts belong to the code that caused them."""
    return next(filter(None, map(part_of_frame, reversed(stack))), OTHER)


@functools.cache
def part_of_frame(frame):
    return next((part for part, matcher in MATCHERS.items() if matcher.search(frame)), None)


def readable(stacks):
    """The same stacks with demangled, short names, without frames that only pass on. Each frame comes with its part."""
    mangled = sorted({frame for stack in stacks for frame in stack})
    ran = subprocess.run(["swift", "demangle", "--simplified", "--compact"], input="\n".join(mangled),
                         capture_output=True, text=True, check=True, timeout=120)
    short = {frame: shortened(name) for frame, name in zip(mangled, ran.stdout.split("\n"))}
    told = Counter()
    for stack, count in stacks.items():
        frames, part = [], OTHER
        for frame in stack:
            part = part_of_frame(frame) or part
            if short[frame] and (not frames or frames[-1] != (short[frame], part)):
                frames.append((short[frame], part))
        told[tuple(frames)] += count
    return told


def shortened(name):
    if PASSING.search(name):
        return ""
    name = WRAPPING.sub("", name)
    name = re.sub(r" in conformance .*| -> .*| async$", "", name)
    # The class of a C++ function is enough.
    name = re.sub(r"^_ZN?K?(\d+)", "", name)
    return re.split(r"[(<]", name)[0].strip()[:60]
