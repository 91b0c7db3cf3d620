"""A server that is measured ends with the benchmark, also where that is killed and can stop nobody any more."""

from __future__ import annotations

import os
import signal
import threading
import time

GRACE = 15.0
"""Seconds that a server has to end by itself."""


def end_with_parent() -> None:
    """From now on this process ends once its standard input does, whose other end the benchmark holds open."""
    threading.Thread(target=_wait, name="parent", daemon=True).start()


def _wait() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
