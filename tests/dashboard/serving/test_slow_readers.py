"""On a real web server, because what waits for a reader waits in its connections."""

import asyncio
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from websockets.sync.client import connect

from dashboard.serving.slow_readers import PART_BYTES, SlowReaders, connection_of, parts

PATIENCE_S = 1.0
BODY = bytes(range(256)) * 100_000  # more than all buffers between two processes
LITTLE = b"little" * 10_000  # what one part holds
ended = threading.Event()


async def whole(request):
    return Response(LITTLE if request.url.path == "/little" else BODY)


async def flood(websocket):
    """Send until somebody hangs up, as a page does that is drawn again and again."""
    await websocket.accept(subprotocol="streamlit")

    async def send_on():
        while True:
            await websocket.send_bytes(BODY[:PART_BYTES])

    sending = asyncio.create_task(send_on())
    told = await websocket.receive()
    sending.cancel()
    if told["type"] == "websocket.disconnect":
        ended.set()


async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@pytest.fixture(scope="module")
def server():
    """The web server; Streamlit runs the same one."""
    routes = [
        Route("/{path:path}", whole),
        WebSocketRoute("/flood", flood),
        WebSocketRoute("/echo", echo),
    ]
    app = SlowReaders(Starlette(routes=routes), PATIENCE_S)
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="websockets-sansio"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running.port = listening.getsockname()[1]
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        yield running
        running.should_exit = True
        thread.join()


@contextmanager
def asked(server, path, *headers):
    """A connection of somebody who asks for something, and has little room for the answer."""
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        opened.connect(("127.0.0.1", server.port))
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
        opened.sendall("\r\n".join(lines).encode())
        yield opened


def is_let_go(server):
    return not server.server_state.connections


@pytest.mark.parametrize("path", ["/much", "/little"])
def test_who_takes_nothing_is_hung_up_on(server, wait_until, path):
    with asked(server, path):
        wait_until(lambda: not is_let_go(server), "somebody is connected")
        wait_until(lambda: is_let_go(server), "the connection is gone", patience_s=30)


def test_who_takes_a_little_now_and_then_is_hung_up_on(server, wait_until):
    with asked(server, "/much") as reader:
        pause = threading.Event()
        wait_until(lambda: not is_let_go(server), "somebody is connected")
        wait_until(
            lambda: is_let_go(server) or (pause.wait(0.2), reader.recv(100), False)[-1],
            "the connection is gone",
            patience_s=30,
        )


def test_a_session_that_takes_nothing_ends(server, wait_until):
    ended.clear()
    headers = (
        *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    with asked(server, "/flood", *headers):
        wait_until(ended.is_set, "the session has ended", patience_s=30)
        wait_until(lambda: is_let_go(server), "the connection is gone", patience_s=30)


def test_who_takes_what_is_sent_gets_all_of_it(server):
    with asked(server, "/much", "Connection: close") as reader, reader.makefile("rb") as answer:
        head, body = answer.read().split(b"\r\n\r\n", 1)
    assert f"content-length: {len(BODY)}".encode() in head
    assert body == BODY


def test_who_only_listens_is_not_hung_up_on(server):
    with connect(f"ws://127.0.0.1:{server.port}/echo") as session:
        with pytest.raises(TimeoutError):
            session.recv(timeout=3 * PATIENCE_S)
        session.send("still here")
        assert session.recv() == "still here"


def test_parts_are_what_they_are_parts_of():
    for length in (0, 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES):
        for more in (True, False):
            body = BODY[:length]
            told = {"type": "http.response.body", "body": body, "more_body": more}
            split = list(parts(told))
            assert b"".join(part["body"] for part in split) == body
            assert [part["more_body"] for part in split] == [True] * (len(split) - 1) + [more]
            assert max(len(part["body"]) for part in split) <= PART_BYTES
    large = {"type": "websocket.send", "bytes": BODY}
    assert list(parts(large)) == [large]


def test_a_server_of_another_kind_is_left_to_itself():
    async def send(_message):
        pass

    assert connection_of(send) is None
