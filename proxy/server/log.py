"""The log: one line an event on standard error, as text or as JSON, and the access log."""

import json
import logging
import sys
import time
from typing import Any

from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger
from aiohttp.web import BaseRequest, StreamResponse

from proxy.config import Log

_ACCESS = "isproxy.access"
_LONGEST_TOLD = 200


class JsonFormatter(logging.Formatter):
    """One JSON object a line; what a record carries in ``fields`` are members of it."""

    def format(self, record: logging.LogRecord) -> str:  # noqa: D102
        event: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            event["trace"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False)


class AccessLogger(AbstractAccessLogger):
    """A line a request: address, request line, status, bytes, milliseconds, and whether the image was in the cache."""

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:  # noqa: D102
        fields = {
            "client": request.remote,
            "method": request.method,
            "target": request.raw_path,
            "status": response.status,
            "bytes": response.body_length,
            "milliseconds": round(time * 1000, 1),
            "cache": response.headers.get("X-Cache", "-"),
        }
        self.logger.info('%s "%s %s" %s %s %.1fms %s', *(fields[name] for name in fields), extra={"fields": fields})

    @property
    def enabled(self) -> bool:  # noqa: D102
        return self.logger.isEnabledFor(logging.INFO)


class NoHttp(logging.Filter):
    """What is no HTTP is its sender's fault: one line that says why, where the library would log an error with its trace."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: D102
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            told = " ".join(error.message.split())[:_LONGEST_TOLD]
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args, record.exc_info = f"a request that is no HTTP: {told}", (), None
        return record.levelno >= logging.getLogger().level


def configure(settings: Log) -> logging.Logger | None:
    """Set the process's log up; the logger of the access log comes back, ``None`` if there is to be none."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(JsonFormatter() if settings.format == "json" else text)
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    server_logger.addFilter(NoHttp())
    return logging.getLogger(_ACCESS) if settings.access else None
