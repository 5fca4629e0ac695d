"""The tree of errors, and what each may tell to whom.

    IsproxyError
    ├── RequestError            the request says something that cannot be done
    │   ├── BadSyntax           the text itself cannot be read
    │   ├── BadValue            a known command with a value that cannot be read or is out of range
    │   ├── UnknownMacro        a macro that nobody defined
    │   └── LimitExceeded       it asks for more than this server or catalog allows
    ├── Missing                 an object, record or file that is not there
    ├── Refused                 somebody may not have this (address, path outside the roots, credentials)
    ├── Unbuilt                 documented, but this version has no effect for it yet
    ├── BadSource               an original that cannot be decoded
    ├── Overloaded              more work is queued than may wait
    ├── TimedOut                the rendering ran out of time
    ├── RenderFailed            an error of this program's own
    ├── CatalogError            a catalog file, with its place
    └── ConfigError             a setting

Every error has a ``title`` that anyone may see and a ``detail`` with command, value and what was expected, shown
from ErrorDetail 2 on (``r-errordetail``). Neither ever holds an absolute path or a stack trace. ``proxy/server/errors.py`` is
the one place where an error becomes a response.

Whatever requests and originals do to a worker is their error, and its status never 500: what ends two workers, one after the
other, is a BadSource that names the originals, what takes more memory than there is, a LimitExceeded or a BadSource, and what
takes too long is TimedOut. RenderFailed is left for an exception that nobody foresaw, which is a mistake of this program, for a
pool that ends or cannot start its workers, and for a worker that ends twice over a job that reads no file at all.
"""

from typing import ClassVar


class IsproxyError(Exception):
    """Base of everything this program raises on purpose."""

    status: ClassVar[int] = 403
    title: ClassVar[str] = "The request could not be completed"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __reduce__(self) -> tuple[object, ...]:
        """Errors travel from worker processes: their fields do too, whatever ``__init__`` takes."""
        return _rebuild, (type(self), self.__dict__ | {"args": self.args})


def _rebuild(kind: type[IsproxyError], state: dict[str, object]) -> IsproxyError:
    error = kind.__new__(kind)
    args = state.pop("args")
    assert isinstance(args, tuple)  # noqa: S101  # made by __reduce__ above
    error.args = args
    error.__dict__.update(state)
    return error


class RequestError(IsproxyError):
    """The request says something that cannot be done."""

    title = "The request is not valid"


class BadSyntax(RequestError):
    """The text of the request cannot be read."""


class BadValue(RequestError):
    """A known command has a value that cannot be read or that is out of its range."""

    def __init__(self, command: str, value: str, expected: str) -> None:
        shown = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
        super().__init__(f"{command}={shown}: expected {expected}")
        self.command, self.value, self.expected = command, value, expected


_LONGEST_SHOWN = 200


class UnknownMacro(RequestError):
    """A macro that nobody defined."""

    def __init__(self, name: str) -> None:
        super().__init__(f"${name}$: no macro of this name is defined")
        self.name = name


class LimitExceeded(RequestError):
    """More than this server or this catalog allows."""

    title = "The request exceeds a limit"


class Missing(IsproxyError):
    """An object, a record or a file that is not there. ``object`` is named as the request named it."""

    title = "The image was not found"

    def __init__(self, object_: str, what: str = "image") -> None:
        super().__init__(f"{what} not found: {object_ or '(none named)'}")
        self.object = object_


class Refused(IsproxyError):
    """Somebody may not have this."""

    title = "Access refused"


class Unbuilt(IsproxyError):
    """Documented, but this version has no effect for it yet: never a silently wrong picture."""

    status = 501
    title = "Not built yet"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is documented, but this version of isproxy does not do it yet")
        self.what = what


class BadSource(IsproxyError):
    """An original that cannot be decoded, or that ends the process that tries.

    ``object`` is named as the catalog or the request named it.
    """

    title = "The image could not be read"

    def __init__(self, object_: str, why: str) -> None:
        super().__init__(f"{object_}: {why}")
        self.object = object_


class Overloaded(IsproxyError):
    """More work is queued than may wait; the same request may succeed in ``retry_after`` seconds."""

    status = 503
    title = "The server is busy"
    retry_after: ClassVar[int] = 1


class TimedOut(IsproxyError):
    """The rendering ran out of time."""

    status = 504
    title = "The image took too long to make"


class RenderFailed(IsproxyError):
    """A mistake of this program, or workers that end whatever they do; the log has the trace."""

    status = 500
    title = "The image could not be made"


class CatalogError(IsproxyError):
    """A catalog file that cannot be read. ``file`` is relative to the catalog folder; line and column count from 1."""

    title = "A catalog cannot be read"

    def __init__(self, file: str, message: str, line: int = 0, column: int = 0) -> None:
        place = ":".join(str(part) for part in (file, line, column) if part)
        super().__init__(f"{place}: {message}")
        self.file, self.message, self.line, self.column = file, message, line, column


class ConfigError(IsproxyError):
    """A setting that cannot be used."""

    title = "The configuration is not valid"
