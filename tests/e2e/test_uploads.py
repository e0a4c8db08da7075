"""Files that are too large, malformed or too many: the page that sends them is refused, alone."""

import http.client
import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit_client import PATIENCE_S, Client
from websockets.sync.client import connect

MIB = 2**20


class Uploader:
    """Somebody who has a page open, and sends what no browser would."""

    def __init__(self, url, page):
        self.place, message, told = urlsplit(url), BackMsg(), ForwardMsg()
        message.rerun_script.SetInParent()
        page.send(message.SerializeToString())
        while told.WhichOneof("type") != "new_session":
            told = ForwardMsg.FromString(page.recv(timeout=PATIENCE_S))
        self.session = told.new_session.initialize.session_id
        given = self.ask("GET", "/_stcore/health").headers["Set-Cookie"]
        self.token = given.partition("_streamlit_xsrf=")[2].partition(";")[0]

    def ask(self, method, path, body=None, headers=None, *, chunked=False):
        connection = http.client.HTTPConnection(self.place.netloc, timeout=PATIENCE_S)
        connection.request(method, path, body, headers or {}, encode_chunked=chunked)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def headers(self, **more):
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {
            "Content-Type": "multipart/form-data; boundary=B",
            "X-Xsrftoken": self.token,
            "Cookie": f"_streamlit_xsrf={self.token}",
            **named,
        }

    def put(self, body, *, file="1", session=None, chunked=False, **headers):
        path = f"/_stcore/upload_file/{session or self.session}/{file}"
        if chunked:
            headers["Transfer_Encoding"] = "chunked"
        return self.ask("PUT", path, body, self.headers(**headers), chunked=chunked).status


@pytest.fixture
def uploader(shown):
    address = f"{shown.url.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None, close_timeout=0.5) as page:
        yield Uploader(shown.url, page)


def multipart(content, name="a.json"):
    part = f'--B\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'.encode()
    return part + content + b"\r\n--B--\r\n"


def test_a_small_file_is_taken_and_all_others_are_refused(uploader):
    assert uploader.put(multipart(b"[[0.5]]")) == 204
    large = multipart(b"1" * 3_000_000)
    assert uploader.put(large) == 413
    assert (
        uploader.put((large[k : k + 9999] for k in range(0, len(large), 9999)), chunked=True) == 413
    )
    assert uploader.put(b"no multipart at all") == 400
    assert uploader.put(multipart(b"[]"), Content_Type="text/html") == 400
    assert uploader.put(multipart(b"[]"), Content_Length="-5") == 400
    assert uploader.put(multipart(b"[]"), X_Xsrftoken="forged") == 403
    assert uploader.put(multipart(b"[]"), session="somebody-else") == 400


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "<img src=x>.json", "a\u202e.json", "é\x01"]
)
def test_a_file_s_name_is_a_name_and_no_place(shown, uploader, name):
    files = set(shown.home.rglob("*"))
    assert uploader.put(multipart(b"[[1]]", name), file="..%2F..%2Fx") in (204, 400, 404)
    assert {path for path in set(shown.home.rglob("*")) - files if path.suffix == ".json"} == set()


def test_an_upload_that_stops_midway_leaves_nothing_and_fills_no_memory(
    shown, process, uploader, wait_until
):
    size = process.memory_info().rss
    headers = "".join(f"{name}: {value}\r\n" for name, value in uploader.headers().items())
    with ExitStack() as stack:
        for number in range(100):
            path = f"/_stcore/upload_file/{uploader.session}/{number}"
            head = f"PUT {path} HTTP/1.1\r\nHost: {uploader.place.netloc}\r\n{headers}"
            address = (uploader.place.hostname, uploader.place.port)
            opened = stack.enter_context(socket.create_connection(address))
            body = multipart(b"1" * 1_000_000)[:500_000]
            opened.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + body)
        with Client(shown.url) as client:
            client.open("compare")
    wait_until(lambda: len(process.net_connections("tcp")) < 10, "connections are closed")
    assert process.memory_info().rss - size < 200 * MIB


def test_files_without_end_are_forgotten_but_for_the_last(process, uploader):
    size = process.memory_info().rss
    content = multipart(b"1" * 1_900_000)
    assert {uploader.put(content, file=f"{number}") for number in range(150)} == {204}
    assert process.memory_info().rss - size < 100 * MIB
