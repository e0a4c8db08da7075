"""A web server on this machine that misbehaves as it is told, and remembers what it was asked."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """How one request is answered; by default as it should be."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)  # "" leaves one out
    body: bytes | None = None
    cut_after: int | None = None  # the connection ends after so many bytes of the body
    stall_after: int | None = None  # nothing more comes after so many bytes
    ranges: bool = True


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    status: int
    sent_bytes: int


class Server:
    """What is served, the answers to come (then all is well), and what was asked."""

    def __init__(self, address):
        self.address = address
        self.files, self.etags = {}, {}
        self.answers, self.asked = [], []
        self.stopping = threading.Event()

    def url(self, name):
        return f"{self.address}/{name}"

    @property
    def ranges(self):
        """The Range header of each request, None where there was none."""
        return [asked.headers.get("Range") for asked in self.asked]

    @property
    def sent_bytes(self):
        return [asked.sent_bytes for asked in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server.state
        answer = server.answers.pop(0) if server.answers else Answer()
        path = self.path.lstrip("/")
        status, body, headers = self._normal(server, path, answer)
        status = answer.status or status
        body = body if answer.body is None else answer.body
        headers |= {"Content-Length": str(len(body))} | answer.headers
        stop = answer.cut_after if answer.stall_after is None else answer.stall_after
        sent = body if stop is None else body[:stop]
        server.asked.append(Asked(path, dict(self.headers), status, len(sent)))
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)
        if answer.stall_after is not None:
            server.stopping.wait()
        if len(sent) < len(body) or not headers["Content-Length"]:
            self.close_connection = True

    def _normal(self, server, path, answer):
        if path not in server.files:
            return 404, b"", {}
        content, etag = server.files[path], server.etags.get(path, "")
        wanted = self.headers.get("Range")
        if not wanted or not answer.ranges or self.headers.get("If-Range", etag) != etag:
            return 200, content, {"ETag": etag}
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            return 416, b"", {"Content-Range": f"bytes */{len(content)}"}
        content_range = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return 206, content[start:], {"ETag": etag, "Content-Range": content_range}

    def log_message(self, *_):
        """Say nothing."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that hangs up is what many tests are about."""


@contextmanager
def local_server(tls=None):
    with _Quiet(("127.0.0.1", 0), _Handler) as server:
        scheme = "http"
        if tls is not None:
            scheme, server.socket = "https", tls.wrap_socket(server.socket, server_side=True)
        state = server.state = Server(f"{scheme}://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            state.stopping.set()
            server.shutdown()
            thread.join()
