"""Structured logs without personal data: ids, numbers and kinds of things; never what somebody wrote."""

from __future__ import annotations

import logging

import structlog
from structlog.typing import Processor

STAMPED: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def set_up_logs(*, level: int = logging.INFO) -> None:
    """Sets up logging for a process: every line has its time (UTC) and level first.

    Libraries speak from WARNING on only: Slack's and aiohttp's print whole requests below that.
    """
    line = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, line], foreign_pre_chain=STAMPED
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in ("slack_bolt", "slack_sdk", "aiohttp", "apscheduler", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # Prints a traceback, with what was sent in it, for a request that is no HTTP.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*STAMPED, line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
