"""Two hundred people look and click at once: does everybody still get an answer soon?"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.ratio import Ratio
from benchmarks.served import dashboard
from benchmarks.visitor import LOST, PageError, open_page, run_page

ONLY_BY_NAME = True  # a minute and a half of two busy cores

PEOPLE, CLICKS = 200, 6
THINKING_S, ARRIVAL_S = 20.0, 0.1
WANTED_S = 0.25
LAYERS = (7, 13)  # of the two models of the first comparison


@dataclass
class Seen:
    """What everybody met."""

    first_s: list[float] = field(default_factory=list)
    rerun_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def ratios() -> Iterator[Ratio]:
    """Time the runs of the page Compare of many sessions, each a few clicks with pauses."""
    with dashboard() as url:
        seen = asyncio.run(_everybody(url))
    if seen.errors:
        raise RuntimeError(f"{len(seen.errors)} sessions failed: {seen.errors[0]}")
    people = f"{PEOPLE} sessions, {len(seen.rerun_s)} reruns of Compare"
    tail_s = quantiles(seen.rerun_s, n=20)[-1]
    yield Ratio(f"{people}, the median", median(seen.rerun_s), "wanted of 95 %", WANTED_S)
    yield Ratio(f"{people}, the slowest of 95 %", tail_s, "wanted of 95 %", WANTED_S)
    yield Ratio(f"{people}, the first run, the median", median(seen.first_s), "wanted", 1.0)


async def _everybody(url: str) -> Seen:
    seen = Seen()
    await asyncio.gather(*(_person(url, number, seen) for number in range(PEOPLE)))
    return seen


async def _person(url: str, number: int, seen: Seen) -> None:
    chance = random.Random(number)  # noqa: S311 - who clicks when, not a secret
    await asyncio.sleep(number * ARRIVAL_S)
    try:
        async with open_page(url) as socket:
            seen.first_s.append(await run_page(socket, _layers(chance)))
            for _ in range(CLICKS):
                await asyncio.sleep(chance.uniform(0.5, 1.5) * THINKING_S)
                all_are_there = len(seen.first_s) == PEOPLE
                took_s = await run_page(socket, _layers(chance))
                if all_are_there:
                    seen.rerun_s.append(took_s)
    except (PageError, *LOST) as error:
        seen.errors.append(f"session {number}: {error!r}")


def _layers(chance: random.Random) -> dict[str, int]:
    """Choose another pair of layers."""
    return dict(zip(("la", "lb"), map(chance.randrange, LAYERS), strict=True))
