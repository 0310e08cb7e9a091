"""How fast public files and pages are given, beside a web server that gives any file of the same size. One run:

    .venv/bin/python -m bench.files [--seconds 2] [--rounds 3] [--nginx PROGRAM]

Three ways are measured in turns, reference, subject, reference, so that a ratio holds whatever the machine does just
then: *any file* is the same bytes under another name, given by the web server; *as a file* is the public file as
production gives it, by the very ``location /datos/`` of docker/nginx.conf; *in process* is the application alone, as
where no web server stands before it. Without nginx the reference is granian's own static files, and nothing is said of
the second way. Clients keep DEPTH requests on each connection under way, so that they cost little beside the servers,
with which they share the processors. Loopback only; PostgreSQL and Redis are private and thrown away.
"""

import argparse
import contextlib
import os
import re
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from bench.claim import ROOT, free_port, servers, web_server

CLIENTS, CONNECTIONS, DEPTH = 2, 8, 16
# Two references of one round that differ by more than this say that the machine changed meanwhile: once more.
APART, TRIES = 1.25, 3
ANSWER, GOOD = b"HTTP/1.1 ", b"HTTP/1.1 200 "
# Who ask, by address: a limit counts each of them. And how long PostgreSQL keeps counts to itself.
PEOPLE, IDLE = 2000, 12


class Told(NamedTuple):
    """Answers a second, and how many of all were not 200."""

    rate: float
    bad: int


class Served(NamedTuple):
    name: str
    address: str
    size: int  # bytes of its body


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--rounds", type=int, default=3, choices=range(1, 21))
    options.add_argument("--nginx", default=shutil.which("nginx"), help="the program, where it is not on the path")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o755)
    os.environ.update(
        PUBLIC_DIR=str(folder / "public"), QUEUE_DIR=str(folder / "queues"), TRUSTED_PROXY_COUNT="1", HOLD_HEAT=""
    )
    try:
        with servers(folder):
            report = run(folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with (ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-files.txt").open("a") as file:
        file.write("\n".join(report) + "\n")


def run(folder: Path, chosen: argparse.Namespace) -> list[str]:
    import django

    django.setup()
    make_world()
    lines = [heading(chosen)]
    print(lines[0], flush=True)
    with web_server(folder) as web:
        files, pages = served(web)
        for one in [*files, *pages]:
            copy(web, one, folder)
        before = nginx if chosen.nginx else granian
        with before(chosen.nginx, folder, web) as static:
            for one in files:
                if chosen.nginx:
                    lines.append(ratio(one, "as a file", static, static, chosen))
                lines.append(ratio(one, "in process", static, web, chosen))
            lines += [ratio(one, "in process", static, web, chosen) for one in pages]
        lines += [questions(web, files, chosen.seconds), questions(web, pages, chosen.seconds)]
    return lines


def heading(chosen: argparse.Namespace) -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    program = "granian's static files (no nginx here)"
    if chosen.nginx:
        said = subprocess.run([chosen.nginx, "-v"], capture_output=True, text=True, check=False).stderr
        program = said.strip().rpartition(": ")[2]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}, {os.cpu_count()} processors shared with other work,"
        f" load {os.getloadavg()[0]:.1f}; reference {program}; {CLIENTS * CONNECTIONS} connections, {DEPTH} requests"
        f" under way on each; best and median of {chosen.rounds}, the median is judged"
    )


def make_world() -> None:
    """Every office with a fortnight of sessions, one of them announced to open, and the files that tasks write."""
    from datetime import timedelta

    from consulates.announcing import files as feeds
    from consulates.models import Consulate, Procedure
    from consulates.opendata import files as bulk
    from consulates.reference import load_offices, load_procedures
    from mexitel.utils.time import now as clock
    from tests.factories import appointments as make
    from tests.factories.releases import release

    load_offices()
    load_procedures()
    signer = make.account()
    procedures, now = list(Procedure.objects.bookable()[:8]), clock()
    for office in Consulate.objects.real():
        for day in range(14):
            starts = make.IN_TWO_WEEKS + timedelta(days=day)
            last = make.session(consulate=office, procedures=procedures, starts_at=starts, seats=2, slots=4)
        release(last, opens_at=now + timedelta(days=2), approved_by=signer, name=f"Lugares de {office.city}")
    bulk.write_all(now=now)
    feeds.write_all(now=now)


def served(web: int) -> tuple[list[Served], list[Served]]:
    from consulates.models import Release

    files = {
        "manifest": "/datos/smart/$bulk-publish",
        "what is free in Texas": "/datos/smart/jornadas-tx.ndjson",
        "calendar of an office": "/datos/aperturas/es/houston.ics",
        "feed of the network": "/datos/aperturas/es/red.atom",
        "dictionary of the figures": "/datos/cifras/diccionario.csv",
    }
    pages = {
        "release calendar": "/aperturas/",
        "one release": f"/aperturas/{Release.objects.order_by('pk').values_list('pk', flat=True)[0]}/",
        "office page": "/oficinas/houston/",
        "figures": "/cifras/",
    }
    sized = [[Served(name, path, len(body_of(web, path))) for name, path in some.items()] for some in (files, pages)]
    return sized[0], sized[1]


def body_of(port: int, path: str) -> bytes:
    import http.client

    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as one:
        one.request("GET", path)
        answer = one.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status)
        return body


def copy(web: int, one: Served, folder: Path) -> None:
    """The same bytes under another name, as any file."""
    path = folder / "static" / static_name(one)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body_of(web, one.address))


def static_name(one: Served) -> str:
    return re.sub(r"\W+", "-", one.name) + ".txt"


# -- the servers ------------------------------------------------------------------------------------

NGINX = """
worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ worker_connections 4096; }}
http {{
    types {{ text/plain txt; text/csv csv; application/json json; image/png png; application/atom+xml atom; }}
    sendfile on; access_log off; keepalive_requests 100000000;
    client_body_temp_path {folder}/nginx-body; proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-f; uwsgi_temp_path {folder}/nginx-u; scgi_temp_path {folder}/nginx-s;
    upstream web {{ server 127.0.0.1:{web}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{port};
        location /static/ {{ root {folder}; }}
        {datos}
        location @web {{ proxy_pass http://web; }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(program: str, folder: Path, web: int) -> Iterator[int]:
    """With the block of production's own configuration, whose folder alone is another."""
    block = location((ROOT / "docker" / "nginx.conf").read_text(), "location /datos/")
    port = free_port()
    user = "user root;" if os.getuid() == 0 else ""
    config = folder / "nginx.conf"
    own = block.replace("/srv/public", str(folder / "public"))
    config.write_text(NGINX.format(folder=folder, port=port, web=web, user=user, datos=own))
    argv = [program, "-c", str(config), "-p", str(folder), "-g", "daemon off;"]
    with started(argv, folder / "nginx-out.log", port):
        yield port


def location(text: str, begins: str) -> str:
    """The block that begins so, to the brace that closes it."""
    start = text.index(begins)
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if text[place] == "}" and depth == 0:
            return text[start : place + 1]
    raise ValueError(begins)


@contextlib.contextmanager
def granian(_program: str | None, folder: Path, _web: int) -> Iterator[int]:
    """Its own static files, which never reach Python."""
    port = free_port()
    argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--workers", "2", "--no-ws", "--no-access-log", "--static-path-route", "/static"]
    argv += ["--static-path-mount", str(folder / "static"), "bench.files:nothing"]
    with started(argv, folder / "granian.log", port):
        yield port


def nothing(_environ: dict, start_response: Callable) -> list[bytes]:
    start_response("404 Not Found", [])
    return [b""]


@contextlib.contextmanager
def started(argv: Sequence[str], log: Path, port: int) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(argv, cwd=ROOT, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


# -- the measurement --------------------------------------------------------------------------------


def ratio(one: Served, way: str, reference: int, subject: int, chosen: argparse.Namespace) -> str:
    static, own, parts, bad = f"/static/{static_name(one)}", [], [], 0
    load(subject, one.address, 0.5)  # warm
    for _round in range(chosen.rounds):
        for _again in range(TRIES):
            first, told, last = (
                load(port, path, chosen.seconds)
                for port, path in ((reference, static), (subject, one.address), (reference, static))
            )
            bad += first.bad + told.bad + last.bad
            if max(first.rate, last.rate) <= APART * min(first.rate, last.rate):
                break
        own.append(told.rate)
        parts.append(told.rate / ((first.rate + last.rate) / 2))
    best, median = 100 * max(parts), 100 * statistics.median(parts)
    line = f"  {one.name} ({one.size:,} bytes), {way}: {max(own):,.0f} a second; of any file {best:.0f} % at best,"
    line += f" {median:.0f} % in the median" + (f"; {bad} answers were not 200" if bad else "")
    print(line, flush=True)
    return line


def questions(web: int, served_there: Sequence[Served], seconds: float) -> str:
    """What the application asks of PostgreSQL meanwhile; its connections tell their counts once they are idle."""
    before, answers = transactions(), 0.0
    for one in served_there:
        answers += load(web, one.address, seconds).rate * seconds
    time.sleep(IDLE)
    asked = max(0, transactions() - before - 1)
    names = ", ".join(one.name for one in served_there)
    share = 1000 * asked / answers
    line = f"  {answers:,.0f} answers ({names}): {asked:,} questions to the database, {share:.2f} in 1,000"
    print(line, flush=True)
    return line


def transactions() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def load(port: int, path: str, seconds: float) -> Told:
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("fork")) as pool:
        told = list(pool.map(client, [(port, path, seconds, number) for number in range(CLIENTS)]))
    return Told(sum(rate for rate, _bad in told), sum(bad for _rate, bad in told))


def client(told: tuple[int, str, float, int]) -> Told:
    """CONNECTIONS connections, each with DEPTH requests under way, until ``seconds`` are over."""
    port, path, seconds, number = told
    begin = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 10.{number}."
    requests = cycle([f"{begin}{n // 250}.{n % 250 + 1}\r\n\r\n".encode() for n in range(PEOPLE)])
    answers = good = 0
    waiting = selectors.DefaultSelector()
    for _each in range(CONNECTIONS):
        one = socket.create_connection(("127.0.0.1", port))
        one.sendall(b"".join(islice(requests, DEPTH)))
        waiting.register(one, selectors.EVENT_READ, [b""])
    began = time.monotonic()
    while (now := time.monotonic()) - began < seconds:
        for key, _event in waiting.select(seconds - (now - began)):
            data = key.fileobj.recv(1 << 20)
            if not data:
                raise SystemExit("the server closed a connection")
            tail, text = key.data[0], key.data[0] + data
            key.data[0] = text[-len(GOOD) + 1 :]
            begun = text.count(ANSWER, max(0, len(tail) - len(ANSWER) + 1))
            answers, good = answers + begun, good + text.count(GOOD)
            key.fileobj.sendall(b"".join(islice(requests, begun)))
    spent = time.monotonic() - began
    for key in list(waiting.get_map().values()):
        key.fileobj.close()
    return Told(answers / spent, answers - good)


if __name__ == "__main__":
    main()
