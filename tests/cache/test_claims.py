import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cache import CacheError, Key, Store
from cache.claims import claim

ROOT = Path(__file__).parents[2]
KEY, OTHER = Key("number", 1, {"n": 1}), Key("number", 1, {"n": 2})

# Says whether it holds the claim, and keeps it until a line comes.
HOLDER = """
import sys
from cache import Key, Store
with Store(sys.argv[1]) as store, store.claim(Key("number", 1, {"n": 1})) as held:
    print(held, flush=True)
    sys.stdin.readline()
"""

# Adds one to a number in a file many times, each time under the claim.
COUNTER = """
import sys
from pathlib import Path
from cache import Key, Store
count = Path(sys.argv[2])
with Store(sys.argv[1]) as store:
    for _ in range(200):
        with store.claim(Key("number", 1, {"n": 1}), wait=True):
            count.write_text(str(int(count.read_text()) + 1))
"""


def start(code, *arguments):
    """Run code in another process."""
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_one_of_two_blocks_holds_a_claim(store):
    with Store(store.path) as again, store.claim(KEY) as first:
        with again.claim(KEY) as second, store.claim(KEY) as third, store.claim(OTHER) as other:
            assert (first, second, third, other) == (True, False, False, True)
        with again.claim(KEY) as still:
            assert not still
    with again.claim(KEY) as later:
        assert later


def test_a_claim_ends_with_an_error_and_leaves_no_file(store):
    with pytest.raises(RuntimeError), store.claim(KEY):
        raise RuntimeError
    assert list((store.path / "claims").iterdir()) == []
    with store.claim(KEY) as held:
        assert held


def test_another_process_holds_a_claim_until_it_lets_go(store):
    with start(HOLDER, store.path) as holder:
        assert holder.stdout.readline() == "True\n"
        with store.claim(KEY) as held:
            assert not held
        with start(HOLDER, store.path) as second:
            assert second.stdout.readline() == "False\n"
            second.stdin.close()
        holder.stdin.close()
        with store.claim(KEY, wait=True) as held:
            assert held


def test_the_claim_of_a_killed_process_is_free(store):
    with start(HOLDER, store.path) as holder:
        assert holder.stdout.readline() == "True\n"
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with store.claim(KEY) as held:
            assert held
    assert list((store.path / "claims").iterdir()) == []


def test_a_thread_waits_until_another_lets_go(store):
    order, waiting = [], threading.Event()

    def wait():
        waiting.set()
        with store.claim(KEY, wait=True) as held:
            order.append(("waited", held))

    with store.claim(KEY):
        thread = threading.Thread(target=wait)
        thread.start()
        waiting.wait()
        order.append("let go")
    thread.join()
    assert order == ["let go", ("waited", True)]


def test_no_two_of_four_processes_hold_a_claim_at_once(store, tmp_path):
    count = tmp_path / "count"
    count.write_text("0")
    processes = [start(COUNTER, store.path, count) for _ in range(4)]
    for process in processes:
        with process:
            assert process.wait() == 0
    assert count.read_text() == "800"
    assert list((store.path / "claims").iterdir()) == []


def test_a_link_instead_of_a_claim_is_not_followed(tmp_path):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "digest").symlink_to(tmp_path / "victim")
    with (
        pytest.raises(CacheError, match=r"no claim can be made .*symbolic links"),
        claim(tmp_path / "claims" / "digest", wait=False),
    ):
        pytest.fail("the claim was held")
    assert not (tmp_path / "victim").exists()


def test_a_claim_costs_less_than_a_millisecond(store):
    with store.claim(KEY):
        pass
    costs_s = []
    for _ in range(50):
        start_s = time.perf_counter()
        with store.claim(KEY):
            pass
        costs_s.append(time.perf_counter() - start_s)
    assert min(costs_s) < 0.001
