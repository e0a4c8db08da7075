"""One attempt to receive what is missing of a file."""

import re
from collections.abc import Callable
from http import HTTPStatus

import httpx2

from pipeline.corpus.fetching.partial_file import PartialFile
from pipeline.corpus.fetching.patience import asked_wait_s
from pipeline.errors import CorpusError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Request timeout and too many requests; every 5xx is passing, too.
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class InterruptionError(CorpusError):
    """An attempt failed in a way that may pass.

    Parameters
    ----------
    reason : str
    wait_s : float, optional
        The server asked to be left alone for this long.
    """

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        self.wait_s = wait_s
        super().__init__(reason)


class RefusalError(CorpusError):
    """An address does not have the file; a mirror may."""


def receive(
    url: str,
    part: PartialFile,
    size_bytes: int,
    *,
    stall_s: float,
    progress: Callable[[int], None],
) -> None:
    """Append to a file what is missing; from its beginning if the server wants it so.

    Parameters
    ----------
    size_bytes : int
        Length of the whole file.
    stall_s : float
        How long the server may be silent.
    progress : callable
        Called with the bytes that are there.

    Raises
    ------
    InterruptionError
        If not all of it came. What came is kept, unless the file has changed.
    RefusalError
        If the address cannot have the file, or leads to one that is not secure.
    OSError
        If the file cannot be written.
    """
    try:
        with (
            _client(url, stall_s) as client,
            client.stream("GET", url, headers=_request_headers(url, part)) as response,
        ):
            _refuse_status(response, part)
            _prepare(url, part, size_bytes, response)
            _append(part, size_bytes, response, progress)
    except (httpx2.UnsupportedProtocol, httpx2.TooManyRedirects, httpx2.InvalidURL) as error:
        raise RefusalError(str(error)) from error
    except httpx2.TimeoutException as error:
        raise InterruptionError(f"silent for {stall_s:g} s") from error
    except httpx2.TransportError as error:
        raise InterruptionError(str(error) or type(error).__name__) from error
    if part.size_bytes < size_bytes:
        raise InterruptionError("the connection ended early")


def _client(url: str, stall_s: float) -> httpx2.Client:
    """Return a client that verifies certificates and follows redirects, but only secure ones."""
    local = httpx2.URL(url).host in _LOOPBACK

    def refuse_insecure(request: httpx2.Request) -> None:
        scheme, host = request.url.scheme, request.url.host
        if scheme != "https" and not (local and scheme == "http" and host in _LOOPBACK):
            raise RefusalError(f"leads to {request.url}; expected https")

    return httpx2.Client(
        timeout=stall_s, follow_redirects=True, event_hooks={"request": [refuse_insecure]}
    )


def _request_headers(url: str, part: PartialFile) -> dict[str, str]:
    # An archive is to arrive as the bytes that it is.
    headers = {"User-Agent": "LayerScope", "Accept-Encoding": "identity"}
    if part.size_bytes:
        headers["Range"] = f"bytes={part.size_bytes}-"
        validator = part.validator(url)
        if validator:
            headers["If-Range"] = validator
    return headers


def _refuse_status(response: httpx2.Response, part: PartialFile) -> None:
    code = response.status_code
    answer = f"answers {code} {response.reason_phrase}".rstrip()
    if code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        part.discard()
        raise InterruptionError(f"{answer} to a request for the rest; starting again")
    if code in _PASSING or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise InterruptionError(answer, asked_wait_s(response.headers))
    if code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise RefusalError(answer)
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise RefusalError("answers with a web page instead of the archive")


def _prepare(url: str, part: PartialFile, size_bytes: int, response: httpx2.Response) -> None:
    """Check that the answer belongs to what is there, or empty the file."""
    validator = _validator(response)
    if response.status_code == HTTPStatus.OK:
        _refuse_length(response.headers.get("Content-Length"), size_bytes)
        part.begin(url, validator)
        return
    content_range = response.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", content_range)
    expected = part.validator(url)
    if match is None or int(match[1]) != part.size_bytes:
        found = part.size_bytes
        part.discard()
        raise InterruptionError(
            f"sends {content_range!r} where bytes from {found} were asked for; starting again"
        )
    _refuse_length(None if match[2] == "*" else match[2], size_bytes)
    if expected and validator and validator != expected:
        part.discard()
        raise InterruptionError("the file has changed on the server; starting again")


def _validator(response: httpx2.Response) -> str:
    # If-Range takes no weak ETag (RFC 9110, 13.1.5).
    etag = str(response.headers.get("ETag", ""))
    return etag if etag.startswith('"') else str(response.headers.get("Last-Modified", ""))


def _refuse_length(length: str | None, size_bytes: int) -> None:
    if length is not None and int(length) != size_bytes:
        raise RefusalError(f"has a file of {length} bytes, expected {size_bytes}")


def _append(
    part: PartialFile,
    size_bytes: int,
    response: httpx2.Response,
    progress: Callable[[int], None],
) -> None:
    there_bytes = part.size_bytes
    with part.path.open("ab") as file:
        for chunk in response.iter_raw():
            there_bytes += len(chunk)
            if there_bytes > size_bytes:
                part.discard()
                raise RefusalError(f"sends more than the expected {size_bytes} bytes")
            file.write(chunk)
            progress(there_bytes)
