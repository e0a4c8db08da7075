"""Somebody who looks at a dashboard without a browser, over Streamlit's own websocket."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

WAIT_S = 120.0
# What somebody meets whose connection or server is gone.
LOST = (OSError, TimeoutError, websockets.WebSocketException)


class PageError(Exception):
    """A page that shows an exception."""


@asynccontextmanager
async def open_page(url: str) -> AsyncIterator[websockets.ClientConnection]:
    """Connect as a browser does."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=["streamlit"], max_size=None, max_queue=None
    ) as socket:
        yield socket


async def run_page(
    socket: websockets.ClientConnection, parameters: Mapping[str, object], page: str = ""
) -> float:
    """Ask for a page, by its place, and return how many seconds it took until it was drawn.

    Raises
    ------
    PageError
        If it shows an exception.
    OSError, TimeoutError, WebSocketException
        If the server is gone or silent.
    """
    message = BackMsg()
    message.rerun_script.query_string = urlencode(parameters)
    message.rerun_script.page_name = page
    start = time.perf_counter()
    async with asyncio.timeout(WAIT_S):
        await socket.send(message.SerializeToString())
        async for received in socket:
            answer = ForwardMsg.FromString(received)
            if answer.HasField("delta") and answer.delta.new_element.HasField("exception"):
                raise PageError(answer.delta.new_element.exception.message)
            if answer.WhichOneof("type") == "script_finished":
                return time.perf_counter() - start
    raise ConnectionError("the server has closed the connection")
