"""Two hundred people look and click at once: does everybody still get an answer soon?"""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.ratio import Ratio
from benchmarks.served import dashboard

ONLY_BY_NAME = True  # a minute and a half of two busy cores

PEOPLE, CLICKS = 200, 6
THINKING_S, ARRIVAL_S = 20.0, 0.1
WANTED_S = 0.25
LAYERS = (7, 13)  # of the two models of the first comparison
_WAIT_S = 120


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
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    try:
        async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as socket:
            seen.first_s.append(await _run(socket, chance))
            for _ in range(CLICKS):
                await asyncio.sleep(chance.uniform(0.5, 1.5) * THINKING_S)
                seen.rerun_s.append(await _run(socket, chance))
    except (OSError, TimeoutError, RuntimeError, websockets.WebSocketException) as error:
        seen.errors.append(f"session {number}: {error!r}")


async def _run(socket: websockets.ClientConnection, chance: random.Random) -> float:
    """Ask for another pair of layers, and wait until the page has been drawn."""
    message = BackMsg()
    layers = dict(zip(("la", "lb"), map(chance.randrange, LAYERS), strict=True))
    message.rerun_script.query_string = urlencode(layers)
    start = time.perf_counter()
    await socket.send(message.SerializeToString())
    while True:
        answer = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), _WAIT_S))
        if answer.HasField("delta") and answer.delta.new_element.HasField("exception"):
            raise RuntimeError(answer.delta.new_element.exception.message)
        if answer.WhichOneof("type") == "script_finished":
            return time.perf_counter() - start
