"""``req=saveToFile``: make the image and write it to a file of this machine.

Off unless the server names a folder for it and the catalog a SavePath inside that. Nothing outside is ever written, whichever
way a name or a symbolic link leads there.
"""

import asyncio
import os
import re
import secrets
from pathlib import Path

from proxy.answers._base import Answer, Ask, Reply
from proxy.answers._properties import Form, write
from proxy.catalog.catalog import Catalog
from proxy.errors import BadValue, Refused, RenderFailed, RequestError, TimedOut
from proxy.protocol.layers import Settings

SECONDS = 60.0
"""Time limit where ``timeout=`` names none."""

_LONGEST = 600_000
_MILLISECONDS = re.compile(r"\s*[0-9]{1,9}\s*")


class SaveToFile(Answer):
    """The image goes to a file; the answer says when, and how many pixels."""

    name = "saveToFile"
    page = "r-savetofile"

    async def answer(self, ask: Ask) -> Reply:
        """Find the place first, so that nothing is made in vain."""
        settings = ask.asked.request.settings
        seconds = _seconds(settings)
        file = await asyncio.to_thread(_place, ask.renditions.config.save, ask.asked.main, settings)
        try:
            async with asyncio.timeout(seconds):
                planned = await ask.renditions.plan(ask.asked)
                rendition = await ask.renditions.make(planned)
        except (TimeoutError, TimedOut, RenderFailed) as error:
            # the page wants 403 for these too
            why = error.detail if isinstance(error, RenderFailed) else f"not done within {seconds:g} seconds"
            raise RequestError(f"saveToFile: {why}") from error
        updated = await asyncio.to_thread(_save, file, rendition.data)
        width, height = planned.recipe.view.rect[2:]
        properties = {"lastUpdated": str(updated), "pixelsTotal": str(width * height), "status": "done"}
        form = Form()
        return Reply(write(properties, form), form.media_type, made=rendition.made)


def _seconds(settings: Settings) -> float:
    text = settings.one("timeout", str)
    if text is None:
        return SECONDS
    if not _MILLISECONDS.fullmatch(text) or not 0 < int(text) <= _LONGEST:
        raise BadValue("timeout", text, f"milliseconds from 1 to {_LONGEST}")
    return int(text) / 1000


def _place(root: Path | None, main: Catalog, settings: Settings) -> Path:
    """The file that a request may write. Blocks: call it in a thread.

    Raises:
        Refused: saving is off, the name leads out of the folder, or its folder does not exist.
        BadValue: no name, or one that no file may have.
    """
    save_path, name = main.text("SavePath").strip(), settings.one("name", str) or ""
    if root is None or not save_path:
        raise Refused("saveToFile: saving is off: it needs a folder of the server and attribute::SavePath")
    elements = name.split("/")
    if "\x00" in name or "\\" in name or "" in elements or any(element.startswith(".") for element in elements):
        raise BadValue("name", name, "a relative path of a file, no element of which is empty or begins with a period")
    top = os.path.realpath(root)
    below = os.path.realpath(os.path.join(top, save_path))  # noqa: PTH118  # Path would drop "." and ".."
    folder = os.path.realpath(os.path.join(below, *elements[:-1]))  # noqa: PTH118  # likewise
    if not _within(below, top):
        raise Refused("saveToFile: attribute::SavePath leads out of the folder for saved files")
    if not _within(folder, below):
        raise Refused(f"saveToFile: {name} leads out of attribute::SavePath")
    if not Path(folder).is_dir():
        raise Refused(f"saveToFile: {name}: there is no such folder, and none is made")
    return Path(folder, elements[-1])


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _save(file: Path, data: bytes) -> int:
    """Write a file so that it is there whole or not at all; milliseconds since 1970 come back. Blocks.

    Raises:
        Refused: it cannot be written.
    """
    beside = file.with_name(f".{secrets.token_hex(16)}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            with os.fdopen(descriptor, "wb") as written:
                written.write(data)
                written.flush()
                os.fsync(written.fileno())
            updated = beside.stat().st_mtime_ns // 1_000_000
            beside.replace(file)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Refused(f"saveToFile: {file.name}: {error.strerror or 'it cannot be written'}") from error
    return updated
