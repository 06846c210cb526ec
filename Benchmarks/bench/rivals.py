"""The servers in the comparison. Each is configured for speed, on loopback, with two workers, and with an access log if
it has one.
"""

import asyncio
import os
import re
from pathlib import Path

from .processes import LOOPBACK, Failure, Started, clean_environment, free_port
from .service import API_KEY

HERE = Path(__file__).parent
WORKERS = 2

# Without `open_file_cache`: on a file system in memory it is no faster (17 µs of CPU for a hit with and without it),
# and it would need 50,000 open files.
NGINX = """
{user}
worker_processes {workers};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{ worker_connections 8192; }}
http {{
    access_log {folder}/nginx-access.log combined buffer=64k flush=1s;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/nginx-body;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    proxy_temp_path {folder}/nginx-proxy;
    proxy_cache_path {cache} levels=1:2 keys_zone=pages:64m max_size=4g inactive=1d use_temp_path=off;
    upstream paypage {{ server 127.0.0.1:{origin}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://paypage;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_cache pages;
            proxy_cache_key $request_uri;
            proxy_cache_valid 200 1d;
            proxy_ignore_headers Cache-Control Expires Vary;
        }}
    }}
}}
"""

VARNISH = """
vcl 4.1;
backend paypage {{ .host = "127.0.0.1"; .port = "{origin}"; }}
sub vcl_recv {{ return (hash); }}
sub vcl_backend_response {{
    unset beresp.http.Vary;
    set beresp.ttl = 1d;
    set beresp.uncacheable = false;
    return (deliver);
}}
"""


class BareRoute:
    """A Hummingbird route that returns the same bytes and does nothing else."""

    def __init__(self, binary, folder, head, body):
        self.body = body
        (folder / "bare-body").write_bytes(body)
        # Hummingbird adds these two itself.
        fields = [f"{name}: {value}\n" for name, value in head if name not in ("Date", "Content-Length")]
        (folder / "bare-head").write_text("".join(fields))
        self.started = Started(
            "bare-route", [binary, folder / "bare-body", folder / "bare-head"], folder / "bare-route.log", pipe=True)
        said = re.match(r"bare-route at (\d+)", self.started.process.stdout.readline())
        if not said:
            raise Failure(f"bare-route did not start:\n{self.started.told()}")
        self.port = int(said[1])


class Floor:
    """The least that a request can cost: an epoll loop that sends these bytes (`Sources/epoll-floor`)."""

    def __init__(self, binary, folder, head, body):
        self.body = body
        fields = "".join(f"{name}: {value}\r\n" for name, value in head)
        (folder / "floor-head").write_bytes(f"HTTP/1.1 200 OK\r\n{fields}\r\n".encode())
        (folder / "floor-body").write_bytes(body)
        self.started = Started(
            "epoll-floor", [binary, folder / "floor-head", folder / "floor-body"], folder / "epoll-floor.log",
            pipe=True)
        said = re.match(r"epoll-floor at (\d+)", self.started.process.stdout.readline())
        if not said:
            raise Failure(f"epoll-floor did not start:\n{self.started.told()}")
        self.port = int(said[1])


class Nginx:
    """A cache in front of the service with every page in the folder `pages`."""

    def __init__(self, folder, origin, pages):
        self.port = free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(NGINX.format(
            user="user root;" if os.geteuid() == 0 else "", workers=WORKERS, folder=folder, cache=pages,
            origin=origin.port, port=self.port))
        self.started = Started("nginx", ["nginx", "-p", folder, "-c", configuration], folder / "nginx.log")
        self.started.wait_for_port(self.port)


class Varnish:
    """A cache in front of the service, in Varnish's memory."""

    def __init__(self, folder, origin):
        self.port = free_port()
        (folder / "bench.vcl").write_text(VARNISH.format(origin=origin.port))
        home = folder / "varnish"
        home.mkdir()
        # The workers run as another user, who needs access to their folder.
        self.started = Started(
            "varnish", ["varnishd", "-F", "-j", "none", "-f", folder / "bench.vcl", "-a", f"127.0.0.1:{self.port}",
                        "-s", "malloc,1G", "-n", home, "-p", "timeout_idle=3600", "-p", "thread_pools=2"],
            folder / "varnish.log")
        self.started.wait_for_port(self.port)


class FastAPI:
    """A small Python service with the same checks on the same database: fastapi_service.py."""

    def __init__(self, venv, folder, database):
        self.port = free_port()
        command = [venv / "bin/python", "-m", "uvicorn", "fastapi_service:app", "--host", LOOPBACK, "--port", self.port,
                   "--workers", WORKERS, "--app-dir", HERE]
        self.started = Started(
            "FastAPI", command, folder / "fastapi.log",
            clean_environment(BENCH_DATABASE=str(database), BENCH_API_KEY=API_KEY, PYTHONDONTWRITEBYTECODE="1"))
        self.started.wait_for_port(self.port)


# Requests sent before the first answer. HTTP/1.1 allows pipelining.
PIPELINED = 32
GOOD = b"HTTP/1.1 200 "


def fill(port, requests, connections=16):
    """Sends every request once, so that a cache contains each page."""
    asyncio.run(_fill(port, [request.encode() for request in requests], connections))


async def _fill(port, requests, connections):
    async def work(share):
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        for place in range(0, len(share), PIPELINED):
            batch = share[place:place + PIPELINED]
            writer.write(b"".join(batch))
            answered, seen = 0, b""
            while answered < len(batch):
                part = await asyncio.wait_for(reader.read(1 << 20), 30)
                if not part:
                    raise Failure(f"could not fill a cache, wrong answer: {seen[-300:]!r}")
                # A body never contains a status line. A status line may arrive in two parts.
                seen = seen[-len(GOOD) + 1:] + part
                answered += seen.count(GOOD)
                if (bad := seen.find(b"HTTP/1.1 4")) >= 0 or (bad := seen.find(b"HTTP/1.1 5")) >= 0:
                    raise Failure(f"could not fill a cache, wrong answer: {seen[bad:bad + 300]!r}")
        writer.close()

    await asyncio.gather(*(work(requests[place::connections]) for place in range(connections)))
