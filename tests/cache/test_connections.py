import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cache.connections import ThreadwiseCache


@pytest.fixture
def cache(tmp_path):
    made = ThreadwiseCache(str(tmp_path))
    made.set("word", 1)
    return made


@pytest.fixture
def no_collection():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def descriptors(cache):
    files = Path("/proc/self/fd").iterdir()
    return sum(str(file.resolve()).startswith(cache.directory) for file in files)


def in_a_thread(use):
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(use).result()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("closes_before", [False, True])
def test_threads_that_are_gone_leave_no_files_open(cache, closes_before):
    def use():
        if closes_before:
            cache.get("word")
            cache.close()
        return cache.get("word")

    # SQLite keeps one descriptor back for the thread that still reads.
    assert in_a_thread(use) == 1
    before = descriptors(cache)
    assert before > 0
    for _ in range(5):
        assert in_a_thread(use) == 1
    assert descriptors(cache) == before


def test_a_thread_that_lives_keeps_its_connection(cache):
    with ThreadPoolExecutor(1) as threads:
        connections = {id(threads.submit(lambda: cache._con).result()) for _ in range(5)}  # noqa: SLF001
    assert len(connections) == 1
