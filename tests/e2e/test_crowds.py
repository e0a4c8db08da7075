"""Too many, too slow, malformed: the server lives, and whoever means well is answered."""

import asyncio
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit_client import PATIENCE_S, Client
from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

PAGE = {"Accept": "text/html"}
CROWD = 500
MIB = 2**20
QUERY = "corpus=demo&a=control%3Aonehot&b=control%3Aduration"


@contextmanager
def somebody_works(url):
    """Click again and again, as one person does; yield how long each answer took."""
    answers_s, stop = [], threading.Event()
    with Client(url) as client:
        client.open("compare", QUERY)

        def click():
            number = 0
            while not stop.wait(0.2):
                number += 1
                start = time.monotonic()
                client.send("compare", f"{QUERY}&lb={number % 2}", {})
                answers_s.append(time.monotonic() - start)
                assert "exception" not in client.elements

        failed = []

        def run():
            try:
                click()
            except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield answers_s
        finally:
            stop.set()
            thread.join()
    if failed:
        raise failed[0]


async def visit(url, leaving):
    """Open Compare as a browser does, wait until it is drawn, and stay; say what came of it."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "max_size": None, "open_timeout": None}
    try:
        async with websockets.connect(address, **options) as opened:
            await opened.send(rerun())
            outcome = await drawn(opened)
            await leaving(outcome)
            return outcome
    except websockets.InvalidStatus as refused:
        await leaving(refused.response.status_code)
        return refused.response.status_code


async def drawn(opened):
    while True:
        told = ForwardMsg.FromString(await opened.recv())
        if told.WhichOneof("type") == "script_finished":
            return "drawn"
        if told.HasField("delta") and told.delta.new_element.HasField("exception"):
            return told.delta.new_element.exception.message


def rerun(query=QUERY):
    message = BackMsg()
    message.rerun_script.query_string = query
    return message.SerializeToString()


async def crowd(url, number, while_they_are_there):
    """Let all come at once, look when everybody has been answered, and let all leave."""
    answered, everybody, enough = [], asyncio.Event(), asyncio.Event()

    async def leaving(outcome):
        answered.append(outcome)
        if len(answered) == number:
            everybody.set()
        await enough.wait()

    async def look():
        await everybody.wait()
        try:
            return await asyncio.to_thread(while_they_are_there)
        finally:
            enough.set()

    *outcomes, seen = await asyncio.gather(*(visit(url, leaving) for _ in range(number)), look())
    return Counter(outcomes), seen


def status_of(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_five_hundred_come_at_once_and_leave(shown, process, wait_until):
    with Client(shown.url) as first:
        first.open("compare", QUERY)
    before = process.memory_info().rss
    # In a thread of its own: the browser's tests have a loop in this one.
    with somebody_works(shown.url) as answers_s, ThreadPoolExecutor(1) as thread:
        coming = crowd(shown.url, CROWD, lambda: status_of(shown.url, PAGE))
        outcomes, full = thread.submit(asyncio.run, coming).result()
    # One place of the five hundred is somebody's who works.
    assert outcomes == {"drawn": CROWD - 1, 503: 1}
    assert full[0] == 503
    assert "LAYERSCOPE_MAX_SESSIONS" in full[1]
    assert answers_s
    wait_until(lambda: is_alone(process), "connections are closed")
    assert status_of(shown.url, PAGE)[0] == 200
    assert process.memory_info().rss - before < CROWD * MIB / 2


def connections(process):
    return [each for each in process.net_connections("tcp") if each.status == "ESTABLISHED"]


def is_alone(process):
    return not connections(process)


@contextmanager
def lazy_reader(url, reruns):
    """A session that asks for page after page and takes nothing, or nearly."""
    place = urlsplit(url)
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        opened.connect((place.hostname, place.port))
        lines = (
            *("GET /_stcore/stream HTTP/1.1", f"Host: {place.netloc}", "Upgrade: websocket"),
            *("Connection: Upgrade", "Sec-WebSocket-Version: 13"),
            *("Sec-WebSocket-Protocol: streamlit", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        )
        opened.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += opened.recv(1)
        for number in range(reruns):
            message = rerun(f"{QUERY}&lb={number % 2}")
            opened.sendall(Frame(Opcode.BINARY, message).serialize(mask=True))
        opened.settimeout(0)
        yield opened


def test_who_reads_nothing_or_a_byte_a_second_is_let_go_and_the_others_are_answered(
    shown, process, wait_until
):
    size = process.memory_info().rss
    with somebody_works(shown.url) as answers_s, ExitStack() as stack:
        readers = [stack.enter_context(lazy_reader(shown.url, 4)) for _ in range(25)]
        next_s = time.monotonic()

        def most_are_gone():
            nonlocal next_s
            if time.monotonic() > next_s:
                next_s += 1
                for reader in readers[:12]:
                    with suppress(BlockingIOError, ConnectionError):
                        reader.recv(1)
            return len(connections(process)) == 1  # of somebody who works

        wait_until(most_are_gone, "they are hung up on")
        assert process.memory_info().rss - size < 200 * MIB
    assert max(answers_s) < 60


def test_connections_that_stay_half_open_keep_nobody_waiting(shown, process, wait_until):
    place = urlsplit(shown.url)
    starts = (
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: ",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc",
    )
    with somebody_works(shown.url) as answers_s, ExitStack() as stack:
        for number in range(CROWD):
            opened = stack.enter_context(socket.create_connection((place.hostname, place.port)))
            opened.sendall(starts[number % len(starts)])
        wait_until(lambda: len(connections(process)) > CROWD / 2, "they are connected")
        seen = len(answers_s)
        wait_until(lambda: len(answers_s) >= seen + 5, "somebody is answered")
    wait_until(lambda: is_alone(process), "connections are closed")


@pytest.mark.parametrize(
    "sent",
    [
        b"no message",
        os.urandom(100_000),
        "text, where bytes are expected",
        rerun(f"a={'x' * 2_000_000}"),
        bytes(30_000_000),
    ],
    ids=["nonsense", "noise", "text", "a megabyte too much", "30 MB"],
)
def test_a_message_that_is_none_ends_its_own_session_and_no_other(shown, sent):
    with Client(shown.url) as other, listening(shown.url) as opened:
        other.open("compare", QUERY)
        with pytest.raises(websockets.ConnectionClosed):
            say_and_hear(opened, sent)
        other.send("compare", QUERY, {})
        assert "exception" not in other.elements


def listening(url):
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    return connect(address, subprotocols=["streamlit"], max_size=None)


def say_and_hear(opened, said):
    opened.send(said)
    while True:
        opened.recv(timeout=PATIENCE_S)
