import dataclasses
import hashlib
import logging
import resource
import tracemalloc
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest

from pipeline.corpus.fetching.download import download, missing_bytes
from pipeline.errors import CorpusError
from tests.pipeline.corpus.fetching.server import Answer

CONTENT = np.random.default_rng(0).bytes(300_000)
SIZE = len(CONTENT)


@pytest.fixture
def archive(offer, server):
    server.etags["a.tar.gz"] = '"1"'
    return offer("a.tar.gz", CONTENT)


def fetched(archive, folder, patience):
    return download(archive, folder, patience=patience).read_bytes()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_archive_arrives_whole(archive, server, tmp_path, patience, pauses):
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert names(tmp_path) == ["a.tar.gz"]
    assert server.ranges == [None]
    assert server.asked[0].headers["Accept-Encoding"] == "identity"
    assert pauses == []


def test_what_is_there_is_verified_and_not_fetched_again(archive, server, tmp_path, patience):
    download(archive, tmp_path, patience=patience)
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert len(server.asked) == 1
    (tmp_path / "a.tar.gz").write_bytes(bytes(SIZE))
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert len(server.asked) == 2


def test_a_complete_part_is_verified_and_not_fetched_again(archive, server, tmp_path, patience):
    (tmp_path / "a.tar.gz.part").write_bytes(CONTENT)
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.asked == []
    assert names(tmp_path) == ["a.tar.gz"]


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_a_dropped_download_goes_on_where_it_was(
    archive, server, tmp_path, patience, pauses, validator
):
    value = {"ETag": '"1"', "Last-Modified": "Sat, 01 Feb 2025 10:00:00 GMT"}[validator]
    server.etags["a.tar.gz"] = value
    # The server here compares If-Range with what it calls the ETag, whatever its header.
    headers = {} if validator == "ETag" else {"ETag": "", validator: value}
    server.answers = [Answer(cut_after=n, headers=headers) for n in (100_000, 50_000, 70_000)]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.sent_bytes == [100_000, 50_000, 70_000, 80_000]
    assert server.ranges == [None, "bytes=100000-", "bytes=150000-", "bytes=220000-"]
    assert [asked.headers.get("If-Range") for asked in server.asked] == [None, *[value] * 3]
    assert pauses == [1.0, 1.0, 1.0]


def test_a_weak_etag_does_not_vouch_for_a_range(archive, server, tmp_path, patience):
    server.etags["a.tar.gz"] = 'W/"1"'
    server.answers = [Answer(cut_after=100_000)]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert "If-Range" not in server.asked[1].headers
    assert server.sent_bytes == [100_000, 200_000]


def test_a_later_process_goes_on_where_the_first_was_stopped(archive, server, tmp_path, patience):
    def stop(_heading, done_bytes, _size_bytes):
        if done_bytes >= 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(archive, tmp_path, patience=patience, progress=stop)
    kept = (tmp_path / "a.tar.gz.part").read_bytes()
    assert 100_000 <= len(kept) < SIZE
    assert kept == CONTENT[: len(kept)]
    assert missing_bytes(archive, tmp_path) == SIZE - len(kept)
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.sent_bytes[-1] == SIZE - len(kept)
    assert missing_bytes(archive, tmp_path) == 0


def test_a_file_that_changed_is_not_glued_together(archive, server, tmp_path, patience):
    old = bytes(SIZE)
    server.files["a.tar.gz"], server.etags["a.tar.gz"] = old, '"0"'
    server.answers = [Answer(cut_after=100_000)]
    seen = []

    def update(_heading, done_bytes, _size_bytes):
        seen.append(done_bytes)
        server.files["a.tar.gz"], server.etags["a.tar.gz"] = CONTENT, '"1"'

    path = download(archive, tmp_path, patience=patience, progress=update)
    assert path.read_bytes() == CONTENT
    assert server.sent_bytes == [100_000, SIZE]
    assert seen[-1] == SIZE
    assert any(late < early for early, late in pairwise(seen))


def test_a_changed_file_is_noticed_even_if_the_server_ignores_if_range(
    archive, server, tmp_path, patience
):
    changed = {"ETag": '"2"'}
    server.answers = [
        Answer(cut_after=100_000),
        Answer(
            status=206,
            body=bytes(200_000),
            headers=changed | {"Content-Range": f"bytes 100000-{SIZE - 1}/{SIZE}"},
        ),
    ]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.ranges == [None, "bytes=100000-", None]


@pytest.mark.parametrize(
    "content_range",
    ["", "bytes 0-299999/300000", "bytes 100001-299999/300000", "items 100000-299999/300000",
     "bytes */300000"],
)  # fmt: skip
def test_a_range_that_was_not_asked_for_is_not_appended(
    archive, server, tmp_path, patience, content_range
):
    server.answers = [
        Answer(cut_after=100_000),
        Answer(status=206, body=bytes(200_000), headers={"Content-Range": content_range}),
    ]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.ranges == [None, "bytes=100000-", None]


def test_a_server_without_ranges_starts_again(archive, server, tmp_path, patience):
    server.answers = [Answer(cut_after=100_000, ranges=False), Answer(ranges=False)]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.sent_bytes == [100_000, SIZE]


@pytest.mark.parametrize("cuts", [[100_000], [100_000, 50_000]])
def test_a_server_without_ranges_that_never_comes_further_is_given_up(
    archive, server, tmp_path, patience, cuts
):
    server.answers = [Answer(cut_after=cut, ranges=False) for cut in cuts * 5]
    with pytest.raises(CorpusError, match="3 attempts brought nothing new"):
        fetched(archive, tmp_path, patience)
    assert len(server.asked) == 4


def test_a_part_that_the_server_says_is_too_long_is_fetched_again(
    archive, server, tmp_path, patience
):
    (tmp_path / "a.tar.gz.part").write_bytes(bytes(1000))
    server.answers = [Answer(status=416, body=b"")]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.ranges == ["bytes=1000-", None]


def test_a_part_longer_than_the_file_is_fetched_again(archive, server, tmp_path, patience):
    (tmp_path / "a.tar.gz.part").write_bytes(bytes(SIZE + 1))
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.ranges == [None]


def test_a_silent_server_is_asked_again(archive, server, tmp_path, patience, pauses):
    server.answers = [Answer(stall_after=100_000), Answer(stall_after=0)]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.sent_bytes == [100_000, 0, 200_000]
    assert pauses == [1.0, 1.0]


def test_a_server_that_stays_silent_is_given_up_and_what_came_is_kept(
    archive, server, tmp_path, patience, pauses
):
    server.answers = [Answer(stall_after=100_000), *[Answer(stall_after=0)] * 3]
    with pytest.raises(CorpusError, match=r"silent for 0.2 s .3 attempts brought nothing new"):
        fetched(archive, tmp_path, patience)
    assert pauses == [1.0, 1.0, 2.0]
    assert (tmp_path / "a.tar.gz.part").read_bytes() == CONTENT[:100_000]


def test_wrong_bytes_are_deleted_and_both_checksums_named(archive, server, tmp_path, patience):
    wrong = bytes(SIZE)
    server.files["a.tar.gz"] = wrong
    with pytest.raises(CorpusError) as caught:
        fetched(archive, tmp_path, patience)
    message = str(caught.value)
    assert archive.checksum in message
    assert hashlib.sha256(wrong).hexdigest() in message
    assert f"put that file in {tmp_path}" in message
    assert names(tmp_path) == []


def test_an_md5_is_a_checksum_too(archive, tmp_path, patience):
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    archive = dataclasses.replace(archive, checksum=f"md5:{md5}")
    assert fetched(archive, tmp_path, patience) == CONTENT


@pytest.mark.parametrize("length", [SIZE - 1, SIZE + 1, 0])
def test_a_file_of_another_length_is_not_even_begun(archive, server, tmp_path, patience, length):
    server.files["a.tar.gz"] = bytes(length)
    with pytest.raises(CorpusError, match=f"has a file of {length} bytes, expected {SIZE}"):
        fetched(archive, tmp_path, patience)
    assert names(tmp_path) == []
    assert len(server.asked) == 1


def test_the_rest_of_a_file_of_another_length_is_refused(archive, server, tmp_path, patience):
    server.answers = [Answer(cut_after=100_000)]
    server.etags.clear()

    def cut(*_):
        server.files["a.tar.gz"] = CONTENT[:-1]

    with pytest.raises(CorpusError, match=f"has a file of {SIZE - 1} bytes, expected {SIZE}"):
        download(archive, tmp_path, patience=patience, progress=cut)


def test_a_length_that_promises_more_than_comes_is_a_dropped_connection(
    archive, server, tmp_path, patience
):
    server.answers = [Answer(body=CONTENT[:-9], headers={"Content-Length": str(SIZE)})]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.sent_bytes == [SIZE - 9, 9]


def test_more_than_the_file_is_refused_though_no_length_was_told(
    archive, server, tmp_path, patience
):
    server.answers = [Answer(body=CONTENT + b"!", headers={"Content-Length": ""})]
    with pytest.raises(CorpusError, match=f"sends more than the expected {SIZE} bytes"):
        fetched(archive, tmp_path, patience)
    assert names(tmp_path) == []


def test_without_a_length_the_size_tells_the_end(archive, server, tmp_path, patience):
    no_length = {"Content-Length": ""}
    server.answers = [Answer(cut_after=100_000, headers=no_length), Answer(headers=no_length)]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.sent_bytes == [100_000, 200_000]


def test_what_is_not_found_is_not_asked_for_again(archive, server, tmp_path, patience, pauses):
    server.files.clear()
    with pytest.raises(CorpusError, match=r"a.tar.gz: answers 404 Not Found. Expected 300000 byt"):
        fetched(archive, tmp_path, patience)
    assert len(server.asked) == 1
    assert pauses == []


def test_a_web_page_is_not_an_archive(archive, server, tmp_path, patience):
    server.answers = [
        Answer(body=b"<html>", headers={"Content-Length": "", "Content-Type": "text/html"})
    ]
    with pytest.raises(CorpusError, match="a web page instead of the archive"):
        fetched(archive, tmp_path, patience)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again_when_it_says(
    archive, server, tmp_path, patience, pauses, status
):
    server.answers = [
        Answer(status=status, body=b"", headers={"Retry-After": "17"}),
        Answer(status=status, body=b""),
    ]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert pauses == [17.0, 2.0]
    assert server.sent_bytes == [0, 0, SIZE]


def test_a_server_that_asks_for_too_much_patience_is_given_up(
    archive, server, tmp_path, patience, pauses
):
    server.answers = [Answer(status=503, body=b"", headers={"Retry-After": "301"})]
    with pytest.raises(CorpusError, match="503 Service Unavailable, and asks to wait 301 s"):
        fetched(archive, tmp_path, patience)
    assert pauses == []


def test_a_server_that_is_not_there_is_given_up(archive, tmp_path, patience, pauses):
    nowhere = dataclasses.replace(archive, urls=("http://127.0.0.1:1/a.tar.gz",))
    with pytest.raises(CorpusError, match=r"refused.*3 attempts brought nothing new"):
        fetched(nowhere, tmp_path, patience)
    assert pauses == [1.0, 2.0]


def test_a_mirror_sends_the_rest(offer, server, tmp_path, patience, caplog):
    archive = offer("a.tar.gz", CONTENT, mirrors=["mirror"])
    server.files["mirror"] = CONTENT
    server.etags |= {"a.tar.gz": '"1"', "mirror": '"another"'}
    server.answers = [Answer(cut_after=100_000), Answer(status=404, body=b"")]
    with caplog.at_level(logging.WARNING):
        assert fetched(archive, tmp_path, patience) == CONTENT
    assert [asked.path for asked in server.asked] == ["a.tar.gz", "a.tar.gz", "mirror"]
    assert server.asked[-1].headers["Range"] == "bytes=100000-"
    assert "If-Range" not in server.asked[-1].headers
    assert "404" in caplog.text


def test_a_mirror_is_asked_where_the_first_has_wrong_bytes(offer, server, tmp_path, patience):
    archive = offer("a.tar.gz", CONTENT, mirrors=["mirror"])
    server.files |= {"a.tar.gz": bytes(SIZE), "mirror": CONTENT}
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.ranges == [None, None]


def test_redirects_are_followed(archive, server, tmp_path, patience):
    server.files["elsewhere"] = CONTENT
    moved = [
        Answer(status=status, body=b"", headers={"Location": where})
        for status, where in ((301, "/b"), (302, server.url("c")), (307, "elsewhere"))
    ]
    server.answers = [*moved, Answer(cut_after=100_000), moved[-1]]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert [asked.path for asked in server.asked][3:] == ["elsewhere", "a.tar.gz", "elsewhere"]
    assert server.asked[-1].headers["Range"] == "bytes=100000-"


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/a", "http://192.0.2.1/a", "http://localhost.test/a",
     "http://127.0.0.1@192.0.2.1/a"],
)  # fmt: skip
def test_a_redirect_never_leads_to_what_is_not_secure(archive, server, tmp_path, patience, target):
    server.answers = [Answer(status=302, body=b"", headers={"Location": target})]
    with pytest.raises(CorpusError, match=r"leads to .*; expected https"):
        fetched(archive, tmp_path, patience)
    assert names(tmp_path) == []


def test_endless_redirects_are_refused(archive, server, tmp_path, patience):
    server.answers = [Answer(status=302, body=b"", headers={"Location": "/a.tar.gz"})] * 99
    with pytest.raises(CorpusError, match="redirects"):
        fetched(archive, tmp_path, patience)


def test_what_is_not_secure_is_not_asked(archive, tmp_path, patience):
    insecure = dataclasses.replace(archive, urls=("http://192.0.2.1/a.tar.gz",))
    with pytest.raises(CorpusError, match=r"leads to http://192.0.2.1/a.tar.gz; expected https"):
        fetched(insecure, tmp_path, patience)


@contextmanager
def largest_file(size_bytes):
    """Let no file of this process become larger, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_fits_on_the_disk_is_kept(archive, server, tmp_path, patience):
    with (
        pytest.raises(CorpusError, match=r"a.tar.gz.part: cannot be written .*what was fetched"),
        largest_file(200_000),
    ):
        fetched(archive, tmp_path, patience)
    assert (tmp_path / "a.tar.gz.part").read_bytes() == CONTENT[:200_000]
    assert fetched(archive, tmp_path, patience) == CONTENT
    assert server.ranges == [None, "bytes=200000-"]


def test_a_full_disk_is_one_clear_error(archive, tmp_path, patience):
    (tmp_path / "a.tar.gz.part").symlink_to("/dev/full")
    with pytest.raises(CorpusError, match=r"No space left on device.*make room for \d+ more byt"):
        fetched(archive, tmp_path, patience)


def test_progress_counts_the_bytes_that_are_there(archive, server, tmp_path, patience):
    server.answers = [Answer(cut_after=100_000)]
    seen = []
    download(archive, tmp_path, patience=patience, progress=lambda *now: seen.append(now))
    assert {(heading, size) for heading, _, size in seen} == {("a.tar.gz", SIZE)}
    done = [bytes_ for _, bytes_, _ in seen]
    assert done == sorted(done)
    assert 100_000 in done
    assert done[-1] == SIZE


def test_the_memory_does_not_grow_with_the_archive(offer, tmp_path, patience):
    archive = offer("large", bytes(20_000_000))
    tracemalloc.start()
    try:
        download(archive, tmp_path, patience=patience)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 5_000_000
