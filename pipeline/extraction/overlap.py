"""Work that goes on in threads while the model runs: before its turn, or after it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(
    items: Iterable[T],
    work: Callable[[T], R],
    *,
    size: Callable[[T], float],
    room: float,
    threads: int,
) -> Iterator[R]:
    """Yield ``work(item)`` of each item in order, worked on before it is asked for.

    Parameters
    ----------
    size : callable
        Of an item, in the unit of `room`.
    room : float
        How much is worked on ahead at most; one item always is.
    threads : int
        How many are worked on at once.
    """
    waiting: deque[tuple[float, Future[R]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="ahead")
    try:
        for item in items:
            waiting.append((size(item), pool.submit(work, item)))
            while len(waiting) > 1 and sum(each for each, _ in waiting) > room:
                yield waiting.popleft()[1].result()
        while waiting:
            yield waiting.popleft()[1].result()
    finally:
        pool.shutdown(cancel_futures=True)


def behind(items: Iterable[T], work: Callable[[T], R], *, room: int) -> Iterator[R]:
    """Yield ``work(item)`` of each item in order, done by one thread while the next items are made.

    Items that were made are worked on even if nobody asks for more.

    Parameters
    ----------
    room : int
        How many items wait at most.
    """
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="behind") as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            while waiting and (len(waiting) > room or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
