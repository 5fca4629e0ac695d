"""The command against a real server that records what it is asked."""

import asyncio
import gzip
import os
import pty
import signal
import string
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
import typer
from aiohttp import web
from typer.testing import CliRunner, Result

from proxy.cli.warm import warm

Answer = Callable[[web.Request, int], Awaitable[web.Response]]

APP = typer.Typer(add_completion=False)
APP.command()(warm)
PROGRAM = "import typer; from proxy.cli.warm import warm; app = typer.Typer(); app.command()(warm); app()"
LOG_LINE = '10.0.0.1 - - [22/Nov/2025:10:00:00 +0000] "{}" 200 512 "-" "Mozilla/5.0"'


async def as_loadcache(request: web.Request, _number: int) -> web.Response:
    state = "hit" if "old" in request.raw_path else "miss"
    return web.Response(text="image.length=1000\r\n", headers={"X-Cache": state})


def refusing(status: int, times: int, headers: dict[str, str] | None = None) -> Answer:
    """Answer some requests with a status, and the others as usual."""

    async def answer(request: web.Request, number: int) -> web.Response:
        if number <= times:
            return web.Response(status=status, text="The server is busy", headers=headers)
        return await as_loadcache(request, number)

    return answer


class Recorder:
    """Answers anything; keeps the raw targets, their times, and how many were open at once."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self.times: list[float] = []
        self.open = self.most_open = 0
        self.news = asyncio.Condition()
        self.answer: Answer = as_loadcache
        self.base = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.targets.append(request.raw_path)
        self.times.append(time.monotonic())
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        async with self.news:
            self.news.notify_all()
        try:
            return await self.answer(request, len(self.targets))
        finally:
            self.open -= 1

    async def asked(self, times: int) -> None:
        """Wait until that many requests have come."""
        async with asyncio.timeout(10), self.news:
            await self.news.wait_for(lambda: len(self.targets) >= times)


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", recorder.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    recorder.base = f"http://{host}:{port}"
    yield recorder
    await runner.cleanup()


async def run(*arguments: object) -> Result:
    """Run the command on another thread than the server's."""
    return await asyncio.to_thread(CliRunner().invoke, APP, [str(argument) for argument in arguments])


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def reported(result: Result) -> dict[str, str]:
    return {line[:13].strip(): line[14:] for line in result.stdout.splitlines()}


async def test_targets_arrive_exactly_as_they_are_written(server: Recorder, tmp_path: Path) -> None:
    targets = [f"/is/image/c/a{char}b?x{char}y=1{char}" for char in string.punctuation if char not in "#?&"]
    targets += [
        "/is/image/c/doll?$product$&src=is{c/hat?wid=5&hei=6|7}&mask=is(c/m?a=1&b=2)",
        r"/is/image/c/a?text={\rtf1\f0+Arial+%7b%7D\'e9}&t=%e9%2F%2f",
        "/is/image/c/../a%2e/./b?%",
        "/is//image/c//a?&&wid=5&?&",
        "/is/image/c/a?x=" + "y" * 5000,
    ]
    result = await run(write(tmp_path / "urls", *targets), "--base", server.base, "--via", "get", "--concurrency", 1)
    assert result.exit_code == 0, result.output
    assert server.targets == targets


async def test_the_report_counts_what_was_made_and_what_was_there(server: Recorder, tmp_path: Path) -> None:
    urls = write(tmp_path / "urls", "# comment", "/is/image/a?req=img", "", "/is/image/old", "https://cdn.invalid/is/image/b?w=1")
    result = await run(urls, "--base", server.base, "--concurrency", 1)
    assert result.exit_code == 0
    assert server.targets == ["/is/image/a?req=loadcache", "/is/image/old?req=loadcache", "/is/image/b?w=1&req=loadcache"]
    rows = reported(result)
    assert rows["requests"] == "3"
    assert rows["made"] == "2"
    assert rows["already there"] == "1"
    assert rows["failed"] == "0"
    assert rows["bytes"] == "2.9 KiB"
    assert "p50" in rows["latency"]
    assert result.stderr == ""


async def test_get_counts_the_bytes_of_images(server: Recorder, tmp_path: Path) -> None:
    async def image(_request: web.Request, _number: int) -> web.Response:
        return web.Response(body=bytes(300_000), content_type="image/jpeg")

    server.answer = image
    urls = write(tmp_path / "urls", f"{server.base}/is/image/a", f"{server.base}/is/image/b")
    rows = reported(await run(urls, "--via", "get"))
    assert (rows["made"], rows["bytes"]) == ("2", "585.9 KiB")
    result = await run(urls)
    assert result.exit_code == 1
    assert "expected image.length in a text, got image/jpeg: try --via get" in result.stdout


async def test_no_more_requests_at_once_than_allowed(server: Recorder, tmp_path: Path) -> None:
    async def slow(request: web.Request, number: int) -> web.Response:
        await asyncio.sleep(0.02)
        return await as_loadcache(request, number)

    server.answer = slow
    urls = write(tmp_path / "urls", *(f"/is/image/{number}" for number in range(40)))
    result = await run(urls, "--base", server.base, "--concurrency", 3)
    assert result.exit_code == 0
    assert len(server.targets) == 40
    assert server.most_open == 3


async def test_no_faster_than_allowed(server: Recorder, tmp_path: Path) -> None:
    urls = write(tmp_path / "urls", *(f"/is/image/{number}" for number in range(21)))
    await run(urls, "--base", server.base, "--concurrency", 8, "--rate", 40)
    assert 0.45 <= server.times[-1] - server.times[0] <= 2


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_what_may_succeed_later_is_tried_again(server: Recorder, tmp_path: Path, status: int) -> None:
    server.answer = refusing(status, times=1)
    result = await run(write(tmp_path / "urls", "/is/image/a"), "--base", server.base, "--retry", 1)
    assert result.exit_code == 0
    assert server.targets == ["/is/image/a?req=loadcache"] * 2
    assert reported(result)["requests"] == "1 (1 retries)"


async def test_the_pauses_grow(server: Recorder, tmp_path: Path) -> None:
    server.answer = refusing(503, times=2)
    await run(write(tmp_path / "urls", "/is/image/a"), "--base", server.base)
    first, second = (later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False))
    assert first >= 0.25
    assert second >= 0.5


@pytest.mark.parametrize("date", [False, True])
async def test_retry_after_is_waited_for(server: Recorder, tmp_path: Path, *, date: bool) -> None:
    asked = formatdate(time.time() + 2, usegmt=True) if date else "1"
    server.answer = refusing(503, times=1, headers={"Retry-After": asked})
    result = await run(write(tmp_path / "urls", "/is/image/a"), "--base", server.base)
    assert result.exit_code == 0
    assert server.times[1] - server.times[0] >= 0.95


@pytest.mark.parametrize(
    ("status", "headers", "retries", "requests"),
    [
        (403, {}, 3, 1),
        (500, {}, 3, 1),
        (503, {"Retry-After": "3600"}, 3, 1),
        (503, {"Retry-After": "soon"}, 1, 2),
        (503, {}, 0, 1),
    ],
)
async def test_what_fails_is_listed_and_can_be_fed_back(
    server: Recorder, tmp_path: Path, *, status: int, headers: dict[str, str], retries: int, requests: int
) -> None:
    server.answer = refusing(status, times=requests, headers=headers)
    failures = tmp_path / "failed.txt"
    urls = write(tmp_path / "urls", "/is/image/a b?$m$&src=is{x}", "/is/image/fine")
    command = ("--base", server.base, "--concurrency", 1, "--retry", retries)
    result = await run(urls, *command, "--failures", failures)
    assert result.exit_code == 1
    assert reported(result)["failed"] == f"1 (HTTP {status}: 1)"
    assert failures.read_text() == f"/is/image/a b?$m$&src=is{{x}}\tHTTP {status} The server is busy\n"
    assert len(server.targets) == requests + 1

    result = await run(failures, *command)
    assert result.exit_code == 0
    assert server.targets[-1] == "/is/image/a%20b?$m$&src=is{x}&req=loadcache"


async def test_lost_connections_and_timeouts(server: Recorder, tmp_path: Path) -> None:
    async def broken(request: web.Request, number: int) -> web.Response:
        if "lost" in request.raw_path and number <= 2:
            assert request.transport is not None
            request.transport.abort()
        if "slow" in request.raw_path:
            await asyncio.sleep(0.6)
        return await as_loadcache(request, number)

    server.answer = broken
    failures = tmp_path / "failed.txt"
    urls = write(tmp_path / "urls", "/is/image/lost", "/is/image/slow")
    result = await run(urls, "--base", server.base, "--timeout", 0.3, "--retry", 1, "--failures", failures, "--concurrency", 1)
    assert result.exit_code == 1
    assert failures.read_text() == "/is/image/slow\tno reply within 0.3 s\n"
    assert [target.split("/")[3][:4] for target in server.targets][-2:] == ["slow", "slow"]
    rows = reported(await run(urls, "--base", "http://127.0.0.1:1", "--retry", 0))
    assert rows["failed"] == "2 (connection: 2)"


async def test_lines_that_cannot_be_requested_fail_alone(server: Recorder, tmp_path: Path) -> None:
    failures = tmp_path / "failed.txt"
    urls = write(tmp_path / "urls", "/is/image/a", "ftp://x/is/image/b", f"{server.base}/is/image/c")
    result = await run(urls, "--failures", failures)
    assert result.exit_code == 1
    assert sorted(failures.read_text().splitlines()) == [
        "/is/image/a\ta path needs --base",
        "ftp://x/is/image/b\texpected an http or https URL or a path",
    ]
    assert server.targets == ["/is/image/c?req=loadcache"]


async def test_a_sitemap_index_over_http(server: Recorder, tmp_path: Path) -> None:
    namespace = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1"'
    entry = "<url><loc>https://shop/p</loc><i:image><i:loc>https://cdn/is/image/{}?a&amp;b</i:loc></i:image></url>"
    files = {
        "/index.xml.gz": f"<sitemapindex {namespace}><sitemap><loc>{server.base}/one.xml.gz</loc></sitemap>"
        f"<sitemap><loc>/gone.xml</loc></sitemap><sitemap><loc>two.xml</loc></sitemap></sitemapindex>",
        "/one.xml.gz": f"<urlset {namespace}>{entry.format(1)}{entry.format(2)}</urlset>",
        "/two.xml": f"<urlset {namespace}>{entry.format(2)}{entry.format(3)}</urlset>",
    }

    async def answer(request: web.Request, number: int) -> web.Response:
        if not request.raw_path.endswith((".xml", ".gz")):
            return await as_loadcache(request, number)
        if request.raw_path not in files:
            return web.Response(status=404)
        text = files[request.raw_path].encode()
        return web.Response(body=gzip.compress(text) if request.raw_path.endswith(".gz") else text)

    server.answer = answer
    result = await run("--sitemap", f"{server.base}/index.xml.gz", "--base", server.base, "--concurrency", 1)
    assert result.exit_code == 1
    assert result.stderr == f"isproxy warm: {server.base}/gone.xml: HTTP 404 Not Found\n"
    images = [target for target in server.targets if "loadcache" in target]
    assert images == [f"/is/image/{number}?a&b&req=loadcache" for number in ("1", "2", "3")]
    assert reported(result)["unreadable"].startswith("1 ")

    local = tmp_path / "map.xml"
    local.write_text(files["/two.xml"])
    assert (await run("--sitemap", local, "--base", server.base)).exit_code == 0


async def test_a_log_and_a_list_together(server: Recorder, tmp_path: Path) -> None:
    lines = [f"GET /is/image/{name} HTTP/1.1" for name in ("a?$m$", "b", "a?$m$")] + ["POST /is/image/c HTTP/1.1"]
    log = tmp_path / "access.log.gz"
    log.write_bytes(gzip.compress("\n".join(LOG_LINE.format(line) for line in lines).encode()))
    urls = write(tmp_path / "urls", "/is/image/first")
    result = await run(urls, "--log", log, "--base", server.base, "--via", "get", "--concurrency", 1)
    assert result.exit_code == 0
    assert server.targets == ["/is/image/first", "/is/image/a?$m$", "/is/image/b"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to warm"),
        (("gone",), "gone: expected a file"),
        ((".",), ".: expected a file"),
        (("urls", "--base", "h:80"), "--base=h:80: expected a URL"),
        (("urls", "--concurrency", 0), "--concurrency"),
        (("urls", "--via", "post"), "--via"),
        (("urls", "--failures", "urls"), "another file"),
        (("urls", "--failures", "no/such/folder"), "No such file"),
        (("--log", "urls"), "--base"),
        (("--catalog", "c", "--base", "http://h"), "--macro"),
        (("urls", "--macro", "m"), "--catalog"),
        (("--sitemap", "gone.xml"), "gone.xml"),
    ],
)
async def test_arguments_that_cannot_be_used(
    arguments: tuple[object, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "urls", "/is/image/a")
    result = await run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert (tmp_path / "urls").read_text() == "/is/image/a\n"


async def test_nothing_in_the_input_is_said(tmp_path: Path) -> None:
    result = await run(write(tmp_path / "urls", "# nothing"))
    assert result.exit_code == 0
    assert "no URL in the input" in result.stderr


@contextmanager
def started(*arguments: object, stdin: int | None = None, stderr: int = subprocess.PIPE) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr) as process:  # noqa: S603  # our own
        try:
            yield process
        finally:
            process.kill()


async def finish(process: subprocess.Popen[bytes], given: bytes | None = None) -> tuple[str, str]:
    out, err = await asyncio.to_thread(process.communicate, given, 20)
    return out.decode(), (err or b"").decode()


async def test_standard_input_is_read_while_it_comes(server: Recorder) -> None:
    with started("-", "--base", server.base, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"/is/image/a\n")
        process.stdin.flush()
        await server.asked(1)
        out, err = await finish(process, b"/is/image/b\n")
        assert process.returncode == 0, err
        assert server.targets == ["/is/image/a?req=loadcache", "/is/image/b?req=loadcache"]
        assert out.startswith("requests      2\n")


@pytest.mark.parametrize("busy", [True, False])
async def test_an_interrupted_run_reports_what_was_done(server: Recorder, *, busy: bool) -> None:
    async def slow(request: web.Request, number: int) -> web.Response:
        await asyncio.sleep(30 if busy and number > 2 else 0)
        return await as_loadcache(request, number)

    server.answer = slow
    with started("-", "--base", server.base, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"/is/image/a\n/is/image/b\n" + b"/is/image/c\n" * busy)
        process.stdin.flush()
        await server.asked(2 + busy)
        await asyncio.sleep(0.2)
        process.send_signal(signal.SIGINT)
        await asyncio.to_thread(process.wait, 10)  # its standard input is still open
        out, err = await finish(process)
        assert process.returncode == 130
        assert out.startswith("interrupted\nrequests      2\nmade          2\n")
        assert err == ""


async def test_progress_is_plain_lines_now_and_then_where_nobody_watches(server: Recorder, tmp_path: Path) -> None:
    urls = write(tmp_path / "urls", *(f"/is/image/{number}" for number in range(60)))
    with started(urls, "--base", server.base, "--rate", 20) as process:
        _, err = await finish(process)
        assert process.returncode == 0
        assert "\x1b" not in err
        assert [line.partition(",")[0].split()[-1] for line in err.splitlines()] == ["requests"]
        assert err.startswith("isproxy warm: ")


async def test_progress_is_a_bar_on_a_terminal(server: Recorder, tmp_path: Path) -> None:
    urls = write(tmp_path / "urls", *(f"/is/image/{number}" for number in range(20)))
    ours, theirs = pty.openpty()
    with started(urls, "--base", server.base, "--rate", 20, stderr=theirs) as process:
        out, _ = await finish(process)
        os.close(theirs)
        shown = os.read(ours, 1 << 16).decode()
        os.close(ours)
        assert process.returncode == 0
        assert "\x1b[" in shown
        assert "━" in shown
        assert "isproxy warm:" not in shown
        assert out.startswith("requests      20\n")
