"""Log lines: text for people, or one JSON object each for programs (LAYERSCOPE_LOG=json).

No line names who asked for something, or holds the query of a link: it would tell what somebody
looks at. A job's and a request's id lead from one line to the others.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from pipeline import variables

STYLES: Final = ("text", "json")
TEXT = "%(asctime)s %(levelname)s %(message)s"
# What a line may say beside its message, given as `extra`.
FACTS: Final = ("job", "state", "method", "path", "status", "seconds")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered, empty elsewhere."""


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON, its exception included."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            said["request"] = request_id.get()
        said |= {name: vars(record)[name] for name in FACTS if name in vars(record)}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def is_json() -> bool:
    """Return whether lines are to be JSON.

    Raises
    ------
    SettingsError
        If LAYERSCOPE_LOG says something else than text or json.
    """
    return variables.chosen("LOG", STYLES) == "json"


def set_up(level: int, text: str = TEXT) -> None:
    """Write this process's log to standard error, as LAYERSCOPE_LOG says.

    Raises
    ------
    SettingsError
        If that says something else than text or json.
    """
    logging.basicConfig(level=level, format=text)
    if is_json():
        logging.captureWarnings(capture=True)
        write_json()


def write_json() -> None:
    """Let every handler there is write JSON; libraries give their loggers handlers of their own."""
    loggers = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        # Names that only have others below them are no loggers.
        for handler in logger.handlers if isinstance(logger, logging.Logger) else ():
            handler.setFormatter(JsonLines())
