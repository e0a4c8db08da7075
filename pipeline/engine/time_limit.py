"""How long one task may take, and what becomes of a worker that does not come to its end."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache

from pipeline.errors import TaskTimeError

log = logging.getLogger(__name__)

# Enough for the error to leave the process before the process ends.
_FAREWELL_S = 0.5


@lru_cache(maxsize=1)
def _computing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="computing")


def within(limit_s: float, function: Callable[..., object], *arguments: object) -> object:
    """Return what a function returns, if it does so in time.

    No thread can be stopped from outside, and code in C hears nothing: where the time is over, the
    caller is told, and this process ends. A worker's nanny then starts another.

    Raises
    ------
    TaskTimeError
        If it takes longer.
    Exception
        What the function raises.
    """
    future = _computing().submit(function, *arguments)
    if not wait([future], timeout=limit_s).done:
        log.warning("a task takes longer than %g s; its worker ends", limit_s)
        threading.Timer(_FAREWELL_S, os._exit, [1]).start()
        raise TaskTimeError(limit_s)
    return future.result()
