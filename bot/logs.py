"""Structured logs without personal data: ids, numbers and kinds of things; never what somebody wrote."""

from __future__ import annotations

import logging

import structlog


def set_up_logs(*, level: int = logging.INFO) -> None:
    """Sets up logging for a process.

    Libraries speak from WARNING on only: Slack's and aiohttp's print whole requests below that.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in ("slack_bolt", "slack_sdk", "aiohttp", "apscheduler", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # Prints a traceback, with what was sent in it, for a request that is no HTTP.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
