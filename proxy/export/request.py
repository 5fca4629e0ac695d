"""An ExportJob as it was sent: its names, their types, and everything about it that can be wrong without looking anything up.

Pages: ``r-exportjob``, ``r-handle-array``, ``r-email-settings``; protocol decision 2. Knows nothing of catalogs, files or HTTP.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ORIG: Final = "orig"
CONVERT: Final = "convert"
FMT: Final = (ORIG, CONVERT)

EMAIL_SETTINGS: Final = ("All", "Error", "ErrorAndWarning", "JobCompletion", "None")
NO_EMAIL: Final = "None"

HANDLES: Final = "assetHandleArray"
MODIFIER: Final = "is_modifier"
MACRO: Final = "macro"
NAMES: Final = (HANDLES, "fmt", MODIFIER, MACRO, "emailSetting", "clientId")


TOO_MUCH: Final = 413


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps an export from being made. ``handle`` is the asset it is about, if it is about one.

    ``status`` is the HTTP status it calls for: 400 for what is wrong, 413 for what is too much, 5xx for what went wrong here.
    """

    field: str
    message: str
    handle: str = ""
    status: int = 400

    def shown(self) -> dict[str, str]:
        """What a reply tells of it."""
        return {"field": self.field, "handle": self.handle, "message": self.message}


@dataclass(frozen=True, slots=True)
class ExportJob:
    """What is to be exported. ``handles`` are all different; ``repeated`` is how many repetitions were passed over.

    ``fmt`` is empty where none that is known was given. ``modifiers`` is without the ``&`` or ``?`` it may have begun with,
    ``macros`` is written as the protocol writes macros: ``$a$&$b$``.
    """

    handles: tuple[str, ...]
    fmt: str
    modifiers: str = ""
    macros: str = ""
    client: str = ""
    repeated: int = 0

    def query(self) -> str:
        """Modifiers of every rendition: what ``is_modifier`` says, then what ``macro`` says, so that the macro wins."""
        return "&".join(filter(None, (self.modifiers, self.macros)))


def object_of(handle: str) -> str:
    """Give the object that a handle names, as Image Serving URLs name it.

    A handle is an object, ``catalog/id`` or a path. Handles in the manner of the Image Production System, ``a|47|catalog/id``,
    name the object after their last bar.
    """
    return handle.rpartition("|")[2] if handle.startswith("a|") else handle


def read_job(fields: Mapping[str, object], most: int) -> tuple[ExportJob, tuple[Problem, ...]]:
    """Read an ExportJob, and say everything that is wrong with it.

    What cannot be read is left empty in the job, so that the rest of it can be looked into all the same.

    Args:
        fields: the members by their names, of the types that JSON has.
        most: how many assets an export may name.
    """
    problems = [Problem(name, f"unknown field: expected one of {', '.join(NAMES)}") for name in fields if name not in NAMES]
    named = _handles(fields.get(HANDLES), problems)
    handles = tuple(dict.fromkeys(named))
    if len(handles) > most:
        problems.append(Problem(HANDLES, f"{len(handles)} assets: at most {most} can be exported at once", status=TOO_MUCH))
        handles = ()
    fmt = _fmt(fields, problems)
    modifiers = _text(fields, MODIFIER, problems).lstrip("&?")
    macros = _macros(_text(fields, MACRO, problems), problems)
    _check_agreement(fields, fmt, problems)
    _check_email(_text(fields, "emailSetting", problems), problems)
    client = _text(fields, "clientId", problems)
    return ExportJob(handles, fmt, modifiers, macros, client, len(named) - len(set(named))), tuple(problems)


def fields_of_query(pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """Make the members of an ExportJob of a decoded query: handles are repeated or separated by commas, others given once."""
    handles = [handle for name, value in pairs if name == HANDLES for handle in value.split(",") if handle]
    others = [(name, value) for name, value in pairs if name != HANDLES]
    counts = Counter(name for name, _ in others)
    problems = tuple(Problem(name, f"given {count} times: expected once") for name, count in counts.items() if count > 1)
    return {**dict(others), HANDLES: handles}, problems


def _handles(value: object, problems: list[Problem]) -> list[str]:
    """``[handle, …]`` or ``{"items": [handle, …]}``."""
    if isinstance(value, dict) and set(value) == {"items"}:
        value = value["items"]
    if not isinstance(value, list):
        what = "missing" if value is None else f"a {_json_type(value)}"
        problems.append(Problem(HANDLES, f'{what}: expected a list of handles, or {{"items": […]}}'))
        return []
    if not value:
        problems.append(Problem(HANDLES, "empty: expected at least one handle"))
    good: list[str] = []
    for position, handle in enumerate(value):
        reason = _not_a_handle(handle)
        if reason:
            shown = handle if isinstance(handle, str) and _is_text(handle) else ""
            problems.append(Problem(HANDLES, f"item {position}: {reason}", shown))
        else:
            good.append(handle)
    return good


def _not_a_handle(handle: object) -> str:
    """Why something is no handle; empty if it is one."""
    if not isinstance(handle, str):
        return f"a {_json_type(handle)}, expected a text"
    if not _is_text(handle) or any(ord(character) < ord(" ") for character in handle):
        return "control characters, or characters that are none: expected the name of an object"
    if not object_of(handle).strip(" /"):
        return "no object is named: expected catalog/id or a path"
    if "?" in handle:
        return f"a handle names an object alone: modifiers belong to {MODIFIER}, and a question mark in a name is %3F"
    return ""


def _text(fields: Mapping[str, object], name: str, problems: list[Problem]) -> str:
    """Give a member that is a text; empty where it is absent, null or wrong."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.append(Problem(name, f"a {_json_type(value)}: expected a text"))
        return ""
    if not _is_text(value):
        problems.append(Problem(name, "half of a surrogate pair: expected characters"))
        return ""
    return value.strip()


def _fmt(fields: Mapping[str, object], problems: list[Problem]) -> str:
    already = len(problems)
    fmt = _text(fields, "fmt", problems)
    if fmt in FMT:
        return fmt
    if len(problems) == already:
        problems.append(Problem("fmt", f"{fmt or 'missing'}: expected {' or '.join(FMT)}"))
    return ""


def _macros(text: str, problems: list[Problem]) -> str:
    """``$name$`` or ``name``, several separated by ``&``."""
    names = [part.strip() for part in text.split("&") if part.strip()]
    written: list[str] = []
    for name in names:
        bare = name[1:-1] if len(name) > 1 and name[0] == name[-1] == "$" else name
        if not bare or any(character in "$=?# " for character in bare):
            problems.append(Problem(MACRO, f"{name}: expected the name of a macro, name or $name$"))
        else:
            written.append(f"${bare}$")
    return "&".join(written)


def _check_agreement(fields: Mapping[str, object], fmt: str, problems: list[Problem]) -> None:
    """``convert`` needs to know into what; ``orig`` converts nothing."""
    given = [name for name in (MODIFIER, MACRO) if fields.get(name) not in (None, "")]
    if fmt == CONVERT and not given:
        problems.append(Problem("fmt", f"convert: expected {MODIFIER} or {MACRO}, which say what into"))
    if fmt == ORIG:
        problems += [Problem(name, "fmt=orig exports originals as they are: expected none") for name in given]


def _check_email(setting: str, problems: list[Problem]) -> None:
    if setting and setting not in EMAIL_SETTINGS:
        problems.append(Problem("emailSetting", f"{setting}: expected one of {', '.join(EMAIL_SETTINGS)}"))
    elif setting not in ("", NO_EMAIL):
        message = f"{setting}: this export is answered at once and sends no mail: expected {NO_EMAIL}"
        problems.append(Problem("emailSetting", message))


def _is_text(value: str) -> bool:
    """Whether every character is one: JSON can write halves of surrogate pairs, which nothing can encode."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _json_type(value: object) -> str:
    """Give JSON's word for what a value is."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case dict():
            return "object"
        case _:
            return "null"
