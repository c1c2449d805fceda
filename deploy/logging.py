"""Logs as events with fields: JSON for machines, colours on a terminal, one line an event, always on stderr.

structlog sits on the standard library's handlers: inside a workflow only `workflow.logger` is safe (a process-wide
lock in the sandbox wedges the workflow), and its lines pass through the same formatter. No line carries a NIP, whoever
wrote it.
"""

import logging
import re
import sys

import structlog
from structlog.dev import plain_traceback
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from deploy.settings import LogFormat

_NIP = re.compile(r"(?<!\d)\d{18}(?!\d)")
# A frame's local variables are people's data, and rendering them takes seconds.
_TRACEBACKS = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
_QUIET = {
    "transitions": logging.WARNING,
    "alembic": logging.WARNING,
    "httpx": logging.WARNING,
    "apprise": logging.WARNING,
}


def without_nip(text: str) -> str:
    """The text with every NIP in it blacked out."""
    return _NIP.sub("•" * 6, text)


def configure(log_format: LogFormat = LogFormat.AUTO, level: str = "INFO") -> None:
    """Set up both structlog and the standard library, once per process, before the first event."""
    json = log_format is LogFormat.JSON or (log_format is LogFormat.AUTO and not sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    render: tuple[Processor, ...] = (
        (_TRACEBACKS, structlog.processors.JSONRenderer())
        if json
        else (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback),)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _without_colours],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render, _without_nip],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(quiet)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # let them rise to the one handler
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _without_nip(_logger: WrappedLogger, _method: str, line: object) -> str:
    return without_nip(str(line))


def _without_colours(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn says everything twice
    return event
