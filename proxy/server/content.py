"""``/is/content``: static content, sent as its file is (``r-serving-static-non-image-content``).

Of the commands only ``type=``, ``req=``, ``cache=``, ``locale=``, ``id=`` and ``handler=`` are looked at; macros and everything
else do no harm (protocol decision 7). A text can be wrapped as JSON with padding: ``req=`` with any word that is no request
type, or with none, and ``json`` (protocol decision 22 (32)).
"""

import asyncio
import logging
import os
import stat
import time
from dataclasses import dataclass, replace
from typing import BinaryIO, ClassVar, Final

from aiohttp import hdrs, web

from proxy.answers._base import Reply, version
from proxy.answers._properties import Form, form_among, form_of, padded, text_head, write
from proxy.answers._record_data import FORMS, write_record_data
from proxy.answers.props import number
from proxy.catalog.locale import localization, localized_user_data
from proxy.catalog.static_content import ResolvedStatic, resolve_static
from proxy.errors import BadSource, BadValue, LimitExceeded, Missing, Refused, RequestError
from proxy.gate import Admitted
from proxy.protocol.command import Arg, vocabulary
from proxy.protocol.commands import COMMANDS, FOREIGN_KINDS, REQUEST_KINDS
from proxy.protocol.grammar import path_elements, split_target
from proxy.protocol.layers import Settings, collect
from proxy.protocol.parser import parse
from proxy.protocol.values import Text
from proxy.recipe.model import Source
from proxy.server.headers import Frame, frame, respond
from proxy.server.media_types import is_text, media_type
from proxy.server.route import Manners, Route
from proxy.service import Renditions
from proxy.sources.folders import Folder

_log = logging.getLogger(__name__)

LONGEST_TEXT: Final = 2 * 2**20
"""Bytes of a text that is wrapped as JSON; the documented limit."""

STALLED: Final = 300.0
"""Seconds that a client may take none of a file; a player that pauses asks for the rest later."""

_PIECE = 256 * 1024
_KINDS = ("exists", "props", "userdata")
_WORDS = vocabulary(
    replace(row, args=(Arg("kind", Text()), *row.args[1:])) if row.name == "req" else row
    for row in COMMANDS
    if row.name in ("type", "req", "cache", "locale", "id", "handler")
)


@dataclass(frozen=True, slots=True)
class _Question:
    """A request: what it names, what it says, and which strings its locale takes."""

    item: ResolvedStatic
    settings: Settings
    strings: tuple[str, ...] | None


class ContentRoute(Route):
    """The handler; ``folders`` are the roots of static content, searched in their order. Without any it is off."""

    name: ClassVar[str] = "content"
    static: ClassVar[bool] = True

    def __init__(self, renditions: Renditions, folders: tuple[Folder, ...], root: str, manners: Manners) -> None:
        super().__init__(renditions, root, manners)
        self._folders = folders

    async def answer(self, request: web.Request, admitted: Admitted) -> web.StreamResponse:
        """Answer a request that has passed the gate."""
        if not self._folders:
            raise Refused("static content is off: [content] static names no folder")
        path, query = split_target(admitted.target)
        if not query.strip() and not path_elements(path):
            return respond(request, Reply((text_head() + "copyright=isproxy\n").encode(), "text/plain; charset=utf-8"))
        question = self._read(path, query)
        item, settings = question.item, question.settings
        kind, form = (settings.one("req", str) or "").lower(), settings.one("req", str, 1)
        if kind == "exists":
            return respond(request, _exists(question))
        if kind == "userdata":
            return respond(request, _userdata(question))
        _check_kind(kind, form, asked="req" in settings)
        _check_type(item, settings)
        source = await asyncio.to_thread(self._find, item)
        if kind == "props":
            return respond(request, _props(question, source))
        reply = _reply(item, settings, source)
        if form == "json":
            body = await asyncio.to_thread(_padded, source, form_of(settings), reply.media_type)
            return respond(request, replace(reply, body=body, media_type=form_of(settings).media_type, etag=""))
        return await _send(request, reply, source)

    def _read(self, path: str, query: str) -> _Question:
        object_ = "/".join(path_elements(path))
        if "\x00" in object_:
            raise Refused("The path of the object holds a NUL character")
        catalogs = self.renditions.catalogs()
        main, _ = catalogs.main_of(object_)
        settings = collect((parse(query),), _WORDS).settings
        local = localization(main, settings.one("locale", str))
        return _Question(resolve_static(catalogs, object_, None, local.suffixes), settings, local.strings)

    def _find(self, item: ResolvedStatic) -> Source:
        """The file of an item. Blocks: call it in a thread.

        Raises:
            Missing: no folder has it.
            Refused: it may not be asked for by path, or the path leads out of the folder.
        """
        if item.path is None:
            raise Missing(item.object, "static content")
        if item.record is None:
            if not item.catalog.attribute("AllowDirectAccess").allows("STATIC"):
                raise Refused(f"{item.object}: this catalog serves records only")
            if any(element.startswith(".") for element in item.path.split("/")):
                raise Refused(f"{item.object}: hidden files are not served by path")
        for folder in self._folders:
            source = folder.open(item.path, item.object)
            if source is not None:
                return source
        raise Missing(item.object, "static content")


def _check_kind(kind: str, form: str | None, *, asked: bool) -> None:
    """Refuse request types of images, and words that are none without ``json``."""
    known = {word.lower() for word in (*REQUEST_KINDS, *FOREIGN_KINDS)}
    if kind in known and kind not in _KINDS:
        raise RequestError(f"req={kind} is not supported for static content")
    if asked and kind not in _KINDS and form != "json":
        raise BadValue("req", kind, f"one of {', '.join(_KINDS)}, or a text as json")


def _check_type(item: ResolvedStatic, settings: Settings) -> None:
    """Compare ``type=`` with UserType, letter by letter; an empty one of either matches everything (``r-type``)."""
    wanted, own = settings.one("type", str), item.record and item.record.user_type
    if wanted and own and wanted != own:
        raise Refused(f"{item.object}: its type is not {wanted}")


def _hours(item: ResolvedStatic) -> float:
    own = None if item.record is None else item.record.expiration
    return item.catalog.number("Expiration") if own is None else own


def _modified(item: ResolvedStatic, source: Source) -> int:
    """When an item changed, in milliseconds since 1970: what its record says, else when its file did (``r-props``)."""
    stamp = None if item.record is None else item.record.time_stamp
    return source.mtime_ns // 1_000_000 if stamp is None else stamp


def _reply(item: ResolvedStatic, settings: Settings, source: Source) -> Reply:
    """What is sent beside the file. Its tag is made of size and time, since files may be too long to read for it."""
    hours = _hours(item)
    cache = settings.get("cache")
    kept = cache is None or cache[0] != "off" or hours < 0
    tag = version(item.path, source.size, source.mtime_ns)
    return Reply(b"", media_type(source.location), hours if kept else None, tag, _modified(item, source))


def _exists(question: _Question) -> Reply:
    form = form_of(question.settings)
    properties = {"catalogRecord.exists": "0" if question.item.record is None else "1"}
    return Reply(write(properties, form), form.media_type, question.item.catalog.number("NonImgExpiration"))


def _userdata(question: _Question) -> Reply:
    form, item = form_among(question.settings, FORMS), question.item
    data = localized_user_data((item.record and item.record.user_data) or "", question.strings)
    hours = item.catalog.number("NonImgExpiration") if item.record is None else _hours(item)
    return Reply(write_record_data(data, form, "userdata"), form.media_type, hours)


def _props(question: _Question, source: Source) -> Reply:
    form, item = form_of(question.settings), question.item
    properties = {
        "path": item.path or "",
        "length": str(source.size),
        "expiration": number(_hours(item)),
        "lastModified": time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(_modified(item, source) / 1000)),
        "userType": (item.record and item.record.user_type) or "",
    }
    return Reply(write(properties, form), form.media_type, item.catalog.number("NonImgExpiration"))


def _padded(source: Source, form: Form, type_: str) -> bytes:
    """A whole text as JSON with padding. Blocks: call it in a thread."""
    if not is_text(type_):
        raise RequestError(f"{source.name}: only texts can be wrapped as JSON")
    if source.size > LONGEST_TEXT:
        raise LimitExceeded(f"{source.name}: {source.size} bytes: texts of at most {LONGEST_TEXT} are wrapped as JSON")
    with _opened(source) as file:
        data = file.read(LONGEST_TEXT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSource(source.name, "it is not UTF-8, which a text has to be to be wrapped as JSON") from error
    return form.encode(padded(text, form.handler, form.id))


def _opened(source: Source) -> BinaryIO:
    """Open a file that was found. Its path has no links any more: one that is there now was put there to lead astray.

    Raises:
        Missing: it has gone, or is no file any more.
    """
    try:
        descriptor = os.open(source.location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Missing(source.name, "static content") from error
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise Missing(source.name, "static content")
    return file


async def _send(request: web.Request, reply: Reply, source: Source) -> web.StreamResponse:
    """Send a file, or the part of it that was asked for, piece by piece."""
    framed = frame(request, reply, source.size)
    if framed.status not in (200, 206):
        return web.Response(status=framed.status, headers=framed.headers)
    file = await asyncio.to_thread(_opened, source)
    try:
        response = web.StreamResponse(status=framed.status, headers=framed.headers)
        response.content_length = framed.last - framed.first + 1
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            await _pump(request, response, file, framed)
        return response
    finally:
        await asyncio.to_thread(file.close)


async def _pump(request: web.Request, response: web.StreamResponse, file: BinaryIO, framed: Frame) -> None:
    """Send the bytes that were decided on. A file that ends too soon, or a client that went away, ends the connection."""
    left = framed.last - framed.first + 1
    try:
        await asyncio.to_thread(file.seek, framed.first)
        while left > 0:
            piece = await asyncio.to_thread(file.read, min(_PIECE, left))
            if not piece:
                raise EOFError(file.name)  # noqa: TRY301  # handled like the errors of reading below
            left -= len(piece)
            async with asyncio.timeout(STALLED):
                await response.write(piece)
        await response.write_eof()
    except (OSError, EOFError) as error:
        _log.info("a file was given up with %d bytes to go: %s", left, type(error).__name__)
        # whoever still listens must not take this for the whole
        if request.transport is not None:
            request.transport.abort()
