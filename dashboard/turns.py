"""Many pages at once: how the interpreter is shared between those that are drawn."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

# So long a page is drawn alone: longer than most take. Who opens a large corpus takes longer, and
# shares the interpreter from then on.
ALONE_S = 0.25
# How long a page keeps the interpreter from the loop that sends what is drawn, which asks for it at
# each message.
SWITCH_S = 5e-4
# New objects until they are looked at, and how often older ones are: with two hundred pages open,
# looking at all takes longer than drawing one.
COLLECT = (50_000, 20, 100)


class Turns:
    """Whose turn it is to be drawn: one page after the other, as long as none takes long.

    Pages that share the interpreter are all done late; one after the other, half of them are done
    in half the time and none later.
    """

    def __init__(self, alone_s: float) -> None:
        self._alone_s = alone_s
        self._changed = Condition()
        self._drawn: object | None = None
        self._alone_until_s = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no page is drawn, or the last one has had its time; draw one in this block."""
        mine = object()
        with self._changed:
            while self._drawn is not None:
                left_s = self._alone_until_s - time.monotonic()
                if left_s <= 0:
                    break
                self._changed.wait(left_s)
            self._drawn, self._alone_until_s = mine, time.monotonic() + self._alone_s
        try:
            yield
        finally:
            with self._changed:
                if self._drawn is mine:
                    self._drawn = None
                    self._changed.notify()


turn = Turns(ALONE_S).turn


def share_interpreter() -> None:
    """Set the interpreter up for many pages, and keep imports out of garbage collection.

    Of two hundred people who click every 20 s, 95 % wait 0.2 s at most, and 1.5 s without this and
    without turns (``python -m benchmarks sessions``). What was imported lives as long as the
    server, and need not be looked at each time.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*COLLECT)
    gc.collect()
    gc.freeze()
