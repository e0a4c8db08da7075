"""Many pages at once: how the interpreter is shared between those that are drawn."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

# More would take the interpreter from each other, and from the loop that sends what is drawn. One
# alone would let everybody wait for whoever opens a large corpus.
AT_ONCE = 3
# How long a page keeps the interpreter from that loop, which asks for it at each message.
SWITCH_S = 5e-4
# New objects until they are looked at, and how often older ones are: with two hundred pages open,
# looking at all takes longer than drawing one.
COLLECT = (50_000, 20, 100)
_turns = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait until a page may be drawn, and draw it in this block."""
    with _turns:
        yield


def share_interpreter() -> None:
    """Set the interpreter up for many pages, and keep imports out of garbage collection.

    Of two hundred people who click every 20 s, 95 % wait 0.3 s at most, and 1.5 s without this and
    without turns (``python -m benchmarks sessions``). What was imported lives as long as the
    server, and need not be looked at each time.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*COLLECT)
    gc.collect()
    gc.freeze()
