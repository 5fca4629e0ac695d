"""``/is/content``: static content (``r-serving-static-non-image-content``, ``r-type``; protocol decisions 7, 14, 15, 22 (32))."""

import os
import socket
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.serving import Reply, Sections, Server, quadrants, serving, wait_until

NOTES = "Notes.\nSecond line: größer.\n"
FILM = bytes(range(256)) * 5000
STAMP = "Tue, 04 Jul 2023 12:30:00 GMT"
ROWS = (
    ("notes", "notes.txt", "2", "07/04/2023 12:30:00 GMT", "text", "lang=en??title=</script>"),
    ("film", "film.mp4", "", "", "video", ""),
    ("now", "notes.txt", "0", "", "", "plain words"),
    ("never", "notes.txt", "-1", "", "", ""),
    ("gone", "no-such-file.txt", "", "", "", ""),
    ("pathless", "", "", "", "", ""),
    ("doc", "notes.txt", "", "", "", "title=Hello^loc=D^Hallo"),
    ("doc_D", "german.txt", "", "", "", "title=Hello^loc=D^Hallo"),
    ("pages/one.txt", "notes.txt", "", "", "", ""),
    ("absolute", "/etc/hostname", "", "", "", ""),
    ("upwards", "../secret.txt", "", "", "", ""),
    ("linked", "outside.txt", "", "", "", ""),
    ("hidden", ".hidden.txt", "", "", "", ""),
    ("latin", "latin.txt", "", "", "", ""),
    ("long", "long.txt", "", "", "", ""),
    ("caption", "caption.vtt", "", "", "", ""),
    ("empty", "empty.txt", "", "", "", ""),
    ("pipe", "pipe.txt", "", "", "", ""),
)
CATALOGS = {
    "default.ini": "RootId=\nExpiration=10\nNonImgExpiration=0.5\n",
    "shop.ini": "RootId=shop\nStaticContentCatalogFile=static.tab\nLocaleMap=de,_D,|,\nLocaleStrMap=de,D|,\n",
    "static.tab": "".join(
        "\t".join(row) + "\n" for row in (("Id", "Path", "Expiration", "TimeStamp", "UserType", "UserData"), *ROWS)
    ),
    "sub.ini": "RootId=sub\nStaticContentCatalogFile=sub.tab\nStaticContentRootPath=sub\n",
    "sub.tab": "Id\tPath\nstyle\tstyle.css\n",
    "records.ini": "RootId=records\nStaticContentCatalogFile=sub.tab\nStaticContentRootPath=sub\nAllowDirectAccess=include:IS\n",
    "filtered.ini": "RootId=filtered\nStaticContentCatalogFile=static.tab\nClientAddressFilter=192.0.2.0/24\n",
    "terse.ini": "RootId=terse\nErrorDetail=0\n",
}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("content")
    (folder / "catalogs").mkdir()
    for name, text in CATALOGS.items():
        (folder / "catalogs" / name).write_text(text)
    static = folder / "static"
    (static / "sub").mkdir(parents=True)
    (folder / "more").mkdir()
    (folder / "secret.txt").write_text("secret")
    (static / "notes.txt").write_text(NOTES)
    (static / "german.txt").write_text("Notizen\n")
    (static / "film.mp4").write_bytes(FILM)
    (static / "sub" / "style.css").write_text("body {}\n")
    (static / ".hidden.txt").write_text("hidden")
    (static / "latin.txt").write_bytes("größer".encode("latin-1"))
    (static / "long.txt").write_text("x" * (2 * 2**20 + 1))
    (static / "caption.vtt").write_bytes('\ufeffWEBVTT\n\n"<i>first</i>"\n'.encode())
    (static / "empty.txt").touch()
    os.mkfifo(static / "pipe.txt")
    (static / "outside.txt").symlink_to(folder / "secret.txt")
    (static / "inside.txt").symlink_to("notes.txt")
    (folder / "more" / "second.txt").write_text("second root")
    (folder / "more" / "notes.txt").write_text("never reached")
    sections: Sections = {"content": {"static": ["static", "more"]}, "server": {"render_workers": 1}}
    with serving(folder, sections) as server:
        yield server


def ask(server: Server, target: str, method: str = "GET", **headers: str) -> Reply:
    return server.ask(f"/is/content/{target}", {name.replace("_", "-"): value for name, value in headers.items()}, method)


FILES = [
    ("shop/notes", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop//notes", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop/film", FILM, "video/mp4"),
    ("shop/pages/one.txt", NOTES.encode(), "text/plain; charset=utf-8"),
    ("sub/style", b"body {}\n", "text/css; charset=utf-8"),
    ("records/style", b"body {}\n", "text/css; charset=utf-8"),
    ("sub/style.css", b"body {}\n", "text/css; charset=utf-8"),
    ("shop/empty", b"", "text/plain; charset=utf-8"),
    ("shop/hidden", b"hidden", "text/plain; charset=utf-8"),
    ("notes.txt", NOTES.encode(), "text/plain; charset=utf-8"),
    ("inside.txt", NOTES.encode(), "text/plain; charset=utf-8"),
    ("notes.txt/", NOTES.encode(), "text/plain; charset=utf-8"),
    ("second.txt", b"second root", "text/plain; charset=utf-8"),
    ("shop/notes?$originalDimensions$", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop/notes?$a$&$b=1&wid=x&qlt=999&layer=9&src={&fmt=png&x", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop/notes?type=text", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop/notes?type=", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop/now?type=video", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop/doc?locale=de", b"Notizen\n", "text/plain; charset=utf-8"),
    ("shop/doc?locale=fr", NOTES.encode(), "text/plain; charset=utf-8"),
    ("shop/doc", NOTES.encode(), "text/plain; charset=utf-8"),
]


@pytest.mark.parametrize(("target", "body", "type_"), FILES, ids=[target for target, _, _ in FILES])
def test_files_as_they_are(content: Server, target: str, body: bytes, type_: str) -> None:
    reply = ask(content, target)
    assert (reply.status, reply["Content-Type"]) == (200, type_)
    assert reply.body == body
    assert reply["Access-Control-Allow-Origin"] == "*"
    head = ask(content, target, "HEAD")
    assert (head.status, head.body, head["Content-Length"], head["ETag"]) == (200, b"", str(len(body)), reply["ETag"])


REFUSED = [
    *(
        "shop/nobody",
        "shop/gone",
        "shop/pathless",
        "shop",
        "nobody/at/all",
        "no-such.txt",
        "sub",
        "static",
        "notes.txt/x",
    ),
    *(
        "shop/absolute",
        "shop/upwards",
        "shop/linked",
        "shop/pipe",
        "outside.txt",
        "../secret.txt",
        "sub/../../secret.txt",
        "%2E%2E/secret.txt",
    ),
    *(
        "..%2Fsecret.txt",
        "sub%2F..%2F..%2Fsecret.txt",
        "%2Fetc%2Fhostname",
        "..%5Csecret.txt",
        ".hidden.txt",
        "notes.txt%00",
        "a" * 5000,
    ),
    *("records/style.css", "filtered/notes", "filtered/notes?req=exists", "filtered/notes?req=userdata"),
    *("shop/notes?type=video", "shop/notes?type=Text", "shop/notes?req=props&type=video", "shop/notes?cache=sometimes"),
    *(
        "shop/notes?req=img",
        "shop/notes?req=set",
        "shop/notes?req=tile",
        "shop/notes?req=whatever",
        "shop/notes?req=userdata,javascript",
    ),
]


@pytest.mark.parametrize("target", REFUSED)
def test_what_is_refused(content: Server, target: str) -> None:
    reply = ask(content, target)
    assert (reply.status, reply.media_type, reply["Cache-Control"]) == (403, "text/plain", "no-store")
    assert b"secret" not in reply.body.replace(target.encode(), b"").replace(b"secret.txt", b"")
    assert str(content.folder) not in reply.text
    assert b"Traceback" not in reply.body


def test_errors_tell_what_the_catalog_lets_them(content: Server) -> None:
    assert "shop/nobody" in ask(content, "shop/nobody").text
    assert "nobody" not in ask(content, "terse/nobody").text
    error = ask(content, "shop/notes?req=img,json&id=4&handler=cb")
    assert (error.status, error.media_type) == (200, "text/javascript")
    assert error.text.startswith('/*jsonp*/s7jsonError({"message":"')
    assert error.text.endswith(',"4");')
    assert ask(content, "a" * 20_000).status == 403


def test_nothing_asked(content: Server) -> None:
    for target in ("/is/content", "/is/content/", "/is/content?"):
        assert content.ask(target).text.startswith("#S7Z OK\n#")


KEPT = [
    ("shop/notes", "public, max-age=7200"),
    ("shop/film", "public, max-age=36000"),
    ("notes.txt", "public, max-age=36000"),
    ("shop/now", "no-cache, max-age=0"),
    ("shop/never", "public, max-age=31536000"),
    ("shop/notes?cache=off", "no-store"),
    ("shop/notes?cache=on", "public, max-age=7200"),
    ("shop/never?cache=off", "public, max-age=31536000"),
    ("shop/notes?req=userdata", "public, max-age=7200"),
    ("shop/nobody?req=userdata", "public, max-age=1800"),
    ("shop/notes?req=exists", "public, max-age=1800"),
    ("shop/notes?req=props", "public, max-age=1800"),
    ("shop/notes?req=,json", "public, max-age=7200"),
]


@pytest.mark.parametrize(("target", "kept"), KEPT)
def test_how_long_it_may_be_kept(content: Server, target: str, kept: str) -> None:
    assert ask(content, target)["Cache-Control"] == kept


def test_conditional_requests(content: Server) -> None:
    reply = ask(content, "shop/notes")
    assert reply["Last-Modified"] == STAMP
    tag = reply["ETag"]
    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"x", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": STAMP},
    ):
        again = ask(content, "shop/notes", **headers)
        assert (again.status, again.body, again["ETag"]) == (304, b"", tag)
    assert ask(content, "shop/notes", If_None_Match='"x"', If_Modified_Since=STAMP).status == 200
    assert ask(content, "shop/notes", If_Modified_Since="Tue, 04 Jul 2023 12:29:59 GMT").status == 200
    assert ask(content, "shop/notes", If_Modified_Since="yesterday").status == 200
    assert ask(content, "shop/never", If_None_Match='"x"').status == 304
    assert ask(content, "shop/notes?cache=off", If_None_Match=tag).status == 200
    # without a time stamp of the record that of the file counts
    modified = (content.folder / "static" / "film.mp4").stat().st_mtime
    assert ask(content, "shop/film")["Last-Modified"] == formatdate(int(modified), usegmt=True)


def test_a_changed_file_has_another_tag(content: Server) -> None:
    file = content.folder / "static" / "changing.txt"
    file.write_text("one")
    before = ask(content, "changing.txt")
    time.sleep(0.02)
    file.write_text("two")
    after = ask(content, "changing.txt", If_None_Match=before["ETag"])
    assert (before.text, after.status, after.text) == ("one", 200, "two")


RANGES = [
    ("bytes=0-4", 206, FILM[:5], "bytes 0-4/1280000"),
    ("bytes=1000000-1000009", 206, FILM[1_000_000:1_000_010], "bytes 1000000-1000009/1280000"),
    ("bytes=1279999-", 206, FILM[-1:], "bytes 1279999-1279999/1280000"),
    ("bytes=0-", 206, FILM, "bytes 0-1279999/1280000"),
    ("bytes=-300000", 206, FILM[-300_000:], "bytes 980000-1279999/1280000"),
    ("bytes=5-99999999", 206, FILM[5:], "bytes 5-1279999/1280000"),
    ("bytes=1280000-", 416, b"", "bytes */1280000"),
    ("bytes=-0", 416, b"", "bytes */1280000"),
    ("bytes=0-1,4-5", 200, FILM, None),
    ("bytes=5-4", 200, FILM, None),
    ("pages=1-2", 200, FILM, None),
]


@pytest.mark.parametrize(("range_", "status", "body", "shown"), RANGES, ids=[range_ for range_, *_ in RANGES])
def test_parts(content: Server, range_: str, status: int, body: bytes, shown: str | None) -> None:
    reply = ask(content, "shop/film", Range=range_)
    assert (reply.status, reply.headers["Content-Range"], reply["Content-Length"]) == (status, shown, str(len(body)))
    assert reply.body == body
    assert reply["Accept-Ranges"] == "bytes"


def test_a_part_of_another_version_is_the_whole(content: Server) -> None:
    tag = ask(content, "shop/film", "HEAD")["ETag"]
    assert ask(content, "shop/film", Range="bytes=0-4", If_Range=tag).status == 206
    assert ask(content, "shop/film", Range="bytes=0-4", If_Range='"x"').status == 200
    assert ask(content, "shop/film", "HEAD", Range="bytes=0-4").status == 200
    assert ask(content, "shop/empty", Range="bytes=0-4").status == 416


def test_exists(content: Server) -> None:
    for path, found in (
        ("shop/notes", 1),
        ("shop/gone", 1),
        ("shop/nobody", 0),
        ("notes.txt", 0),
        ("no/such", 0),
        ("filter/x", 0),
    ):
        assert ask(content, f"{path}?req=exists").text.endswith(f"\ncatalogRecord.exists={found}\n")
    assert ask(content, "shop/notes?REQ=Exists,json&id=7").text == '/*jsonp*/s7jsonResponse({"catalogRecord.exists":"1"},"7");'


def test_user_data(content: Server) -> None:
    assert ask(content, "shop/notes?req=userdata").body == b"lang=en\r\ntitle=</script>\r\n"
    assert ask(content, "shop/now?req=userdata").body == b"plain words\r\n"
    assert ask(content, "shop/nobody?req=userdata").body == b"\r\n"
    json_ = ask(content, "shop/notes?req=userdata,json&handler=cb_1")
    assert json_.text == '/*jsonp*/cb_1({"lang":"en","title":"\\u003c/script>"},"");'
    assert '<property name="title" value="&lt;/script&gt;" />' in ask(content, "shop/notes?req=userdata,xml").text
    assert ask(content, "shop/doc?req=userdata&locale=de").body == b"title=Hallo\r\n"


def test_properties(content: Server) -> None:
    lines = ask(content, "shop/notes?req=props").text.splitlines()
    assert lines[0] == "#S7Z OK"
    assert lines[2:] == [
        "path=notes.txt",
        f"length={len(NOTES.encode())}",
        "expiration=2.0",
        "lastModified=Tue Jul 04 12:30:00 UTC 2023",
        "userType=text",
    ]
    assert "path=sub/style.css\n" in ask(content, "sub/style?req=props").text
    assert '<property name="userType" value="video" />' in ask(content, "shop/film?req=props,xml").text
    assert ask(content, "shop/gone?req=props").status == 403


@pytest.mark.parametrize("words", ["req=,json", "req=vtt,json", "req=text,json,UTF-8", "REQ=Whatever,JSON"])
def test_a_text_wrapped_as_json(content: Server, words: str) -> None:
    reply = ask(content, f"shop/caption?{words}&handler=s7caption&id=c1")
    assert (reply.status, reply.media_type) == (200, "text/javascript")
    assert reply.text == '/*jsonp*/s7caption("WEBVTT\\n\\n\\"\\u003ci>first\\u003c/i>\\"\\n","c1");'
    assert reply["ETag"] != ask(content, "shop/caption")["ETag"]


@pytest.mark.parametrize("path", ["shop/film", "shop/latin", "shop/long", "shop/gone", "shop/notes?type=video&x="])
def test_what_cannot_be_wrapped(content: Server, path: str) -> None:
    reply = ask(content, f"{path}{'&' if '?' in path else '?'}req=,json")
    assert reply.text.startswith("/*jsonp*/s7jsonError(")


def test_a_client_that_leaves_is_no_failure(content: Server) -> None:
    (content.folder / "static" / "large.bin").write_bytes(bytes(30_000_000))
    with socket.create_connection(("127.0.0.1", content.port), timeout=20) as connection:
        connection.sendall(b"GET /is/content/large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"Content-Length: 30000000" in connection.recv(65536)
    assert wait_until(lambda: "a file was given up" in content.log)
    assert ask(content, "shop/notes").status == 200
    assert "Traceback" not in content.log
    assert "a request failed" not in content.log


def test_methods(content: Server) -> None:
    assert ask(content, "shop/notes", "POST").status == 405
    assert ask(content, "shop/notes", "OPTIONS")["Access-Control-Allow-Methods"] == "GET, HEAD"


def test_it_is_off_without_folders(tmp_path: Path) -> None:
    with serving(tmp_path, {"server": {"render_workers": 1}}) as server:
        quadrants(8, 6).save(server.images / "quad.png")
        for target in ("quad.png", "shop/x?req=exists", ""):
            assert (ask(server, target).status, "static content is off" in ask(server, target).text) == (403, True)
