"""What goes wrong on real machines, with real processes."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from diskcache.core import MODE_PICKLE

from cache import Key, SharedTier, Store, VerifyReport
from cache.encoding import encoded

ROOT = Path(__file__).parents[2]
KEY = Key("number", 1, {"n": 1})

# Writes keys that all others write too, with values that say who did, and reads some of them.
WRITER = """
import random, sys
import numpy as np
from cache import Key, Store
me = int(sys.argv[2])
numbers = list(range(20)) * 2
random.Random(me).shuffle(numbers)
with Store(sys.argv[1]) as store:
    for n in numbers:
        key = Key("number", 1, {"n": n})
        if n % 3:
            store.put(key, {"x": np.full((40, 100), me, np.float32)}, labels={"by": str(me)})
        else:
            shape = (40, 100)
            with store.row_writer(key, "x", np.dtype(np.float32), shape) as writer:
                for _ in range(4):
                    writer.append(np.full((10, 100), me, np.float32))
        found = store.get(Key("number", 1, {"n": (n * 7) % 20}), verify=True)
        assert found is None or len(set(found.arrays["x"].ravel().tolist())) == 1
"""

# Replaces one record by ever new ones, of 20 MB each, in the way asked for.
REPLACER = """
import itertools, sys
import numpy as np
from cache import Key, Store
key, by_rows = Key("number", 1, {"n": 1}), sys.argv[2] == "rows"
with Store(sys.argv[1]) as store:
    for n in itertools.count(1):
        print(n, flush=True)
        if by_rows:
            with store.row_writer(key, "x", np.dtype(np.int64), (25, 100_000)) as writer:
                for _ in range(25):
                    writer.append(np.full((1, 100_000), n))
        else:
            store.put(key, {"x": np.full((25, 100_000), n)})
"""

# Claims each piece of work; who does not get it waits, and then finds it done.
WORKER = """
import sys
from pathlib import Path
import numpy as np
from cache import Key, Store
done = 0
with Store(sys.argv[1]) as store:
    for n in range(40):
        key = Key("number", 1, {"n": n})
        with store.claim(key, wait=True):
            if store.missing([key]):
                store.put(key, {"x": np.full(100, n)})
                done += 1
print(done)
"""

# Computes records and publishes each at once; one line from us lets it go on to the next.
PUBLISHER = """
import logging, sys
import numpy as np
from cache import Key, SharedTier, Store
logging.basicConfig(stream=sys.stderr)
tier = SharedTier(sys.argv[2], pause_s=0.0)
with Store(sys.argv[1]) as store:
    for n in range(9):
        sys.stdin.readline()
        store.put(Key("number", 1, {"n": n}), {"x": np.full(100, n)})
        print(tier.publish(store, Key("number", 1, {"n": n})), flush=True)
    sys.stdin.readline()
    print(tier.publish_all(store), flush=True)
"""

# Fills a small disk with records, then writes why it stopped; says what it met as JSON.
FILLER = """
import json, os, sys
from pathlib import Path
import numpy as np
from cache import CacheError, Key, Store, StoreFullError
disk, reserve = Path(sys.argv[1]), int(sys.argv[2])
said = {}
def count(write):
    n = 0
    try:
        while n < 10_000:
            write(n)
            n += 1
    except StoreFullError as error:
        return n, str(error)
    return n, "never full"
def by_rows(n):
    with store.row_writer(Key("rows", 1, {"n": n}), "x", np.dtype(np.uint8), (50_000, 2)) as writer:
        for _ in range(50):
            writer.append(np.full((1000, 2), n % 256, np.uint8))
with Store(disk / "store", reserve_bytes=reserve) as store:
    def files():
        return sorted(str(path.relative_to(store.path)) for path in store.path.glob("*/*/*"))
    def put(n):
        store.put(Key("put", 1, {"n": n}), {"x": np.full(100_000, n % 256, np.uint8)})
    said["puts"], said["full"] = count(put)
    said["rows"], said["rows_full"] = count(by_rows)
    store.put(Key("note", 1, {}), {}, {"why": said["full"]}) if reserve > 0 else None
    rows = [entry.file for entry in store.find()]
    said["files_are_rows"] = files() == sorted(rows)
    (disk / "others").write_bytes(b"")
    with (disk / "others").open("r+b", buffering=0) as others:
        try:
            while others.write(bytes(4096)):
                pass
        except OSError as error:
            said["disk"] = str(error)
    said["notes"], said["notes_full"] = count(lambda n: store.put(Key("more", 1, {"n": n}), {}))
    said["files_are_rows_still"] = files() == sorted(entry.file for entry in store.find())
    try:
        Store(disk / "store")
    except StoreFullError as error:
        said["opened_again"] = str(error)
    verified = store.verify(orphan_age_s=0.0)
    said["damaged"] = verified.damaged
    said["values"] = all(
        (store.get(Key("put", 1, {"n": n}), verify=True).arrays["x"] == n % 256).all()
        for n in range(said["puts"])
    )
    (disk / "others").unlink()
    store.prune(kind="put")
    put(1)
    said["after"] = store.get(Key("put", 1, {"n": 1}), verify=True) is not None
print(json.dumps(said))
"""


def start(code, *arguments):
    """Run code in another process."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes)  # noqa: S603 - our own code


def files(store):
    """Return every file two folders down, relative to the store."""
    return {str(path.relative_to(store.path)) for path in store.path.glob("*/*/*")}


def change_row(store, assignments, *values):
    with closing(sqlite3.connect(store.path / "cache.db")) as database, database:
        database.execute(f"UPDATE Cache SET {assignments}", values)  # noqa: S608 - the tests' own


def test_eight_processes_write_the_same_keys(store):
    with ExitStack() as stack:
        writers = [stack.enter_context(start(WRITER, store.path, me)) for me in range(8)]
        assert [writer.wait() for writer in writers] == [0] * 8
    assert store.verify(orphan_age_s=0.0) == VerifyReport(20, ())
    assert files(store) == {entry.file for entry in store.find()}
    for n in range(20):
        values = set(store.get(Key("number", 1, {"n": n})).arrays["x"].ravel().tolist())
        assert len(values) == 1
        assert values <= set(map(float, range(8)))
    with closing(sqlite3.connect(store.path / "cache.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_work_that_four_processes_ask_for_is_done_once(store):
    with ExitStack() as stack:
        workers = [stack.enter_context(start(WORKER, store.path)) for _ in range(4)]
        done = [int(worker.stdout.read()) for worker in workers]
    assert sum(done) == 40
    assert store.verify() == VerifyReport(40, ())


@pytest.mark.parametrize("way", ["put", "rows"])
def test_readers_see_the_old_record_until_the_new_one_is_whole(store, way):
    store.put(KEY, {"x": np.zeros((25, 100_000), np.int64)})
    with start(REPLACER, store.path, way) as writer:
        for _ in range(4):
            writer.stdout.readline()
            values = store.get(KEY).arrays["x"]
            assert values[0, 0] == values[-1, -1]
        # In the middle of a record, or close to it: the file is there and grows.
        whole = {entry.file for entry in store.find()}
        while not files(store) - whole:
            assert writer.poll() is None
            whole = {entry.file for entry in store.find()}
        os.kill(writer.pid, signal.SIGKILL)
    values = store.get(KEY, verify=True).arrays["x"]
    assert np.all(values == values[0, 0])
    store.verify(orphan_age_s=0.0)
    assert files(store) == {store.entry(KEY.digest).file}
    store.put(KEY, {"x": np.full(3, -1)})
    assert store.verify(orphan_age_s=0.0) == VerifyReport(1, ())


def test_work_goes_on_while_the_shared_tier_is_away_and_is_shared_later(store, tmp_path):
    shared, away = tmp_path / "shared", tmp_path / "away"
    shared.mkdir()
    said = []
    with start(PUBLISHER, tmp_path / "host", f"file://{shared}") as host:
        for step in range(10):
            if step == 3:
                shared.rename(away)
            if step == 6:
                away.rename(shared)
            host.stdin.write("\n")
            host.stdin.flush()
            said.append(host.stdout.readline().strip())
    assert said[:-1] == ["True"] * 3 + ["False"] * 3 + ["True"] * 3
    assert said[-1] == "ShareReport(present=6, published=3, left=0)"
    tier = SharedTier(f"file://{shared}")
    for n in range(9):
        assert tier.fetch(store, Key("number", 1, {"n": n}))
        assert np.all(store.get(Key("number", 1, {"n": n}), verify=True).arrays["x"] == n)


def fill_small_disk(tmp_path, reserve):
    """Fill a disk of 4 MB in a mount namespace of its own; return what the process said."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    script = 'mount -t tmpfs -o size=4m none "$1" && shift && exec "$@"'
    may = subprocess.run([*mount, script, "sh", disk, "true"], capture_output=True, check=False)  # noqa: S603 - our own command
    if may.returncode:
        pytest.skip(f"this kernel mounts nothing for us: {may.stderr.decode().strip()}")
    done = subprocess.run(  # noqa: S603 - our own command
        [*mount, script, "sh", disk, sys.executable, "-c", FILLER, disk, str(reserve)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("reserve", [-(10**9), 1_000_000], ids=["none", "1 MB"])
def test_a_full_disk_keeps_what_is_whole_and_takes_up_work_again(tmp_path, reserve):
    said = fill_small_disk(tmp_path, reserve)
    kept_in_reserve = reserve > 0
    assert (20 if kept_in_reserve else 30) < said["puts"] < (30 if kept_in_reserve else 40)
    assert ("bytes are free on its disk" if kept_in_reserve else "No space left") in said["full"]
    assert said["rows_full"].endswith("prune the store or free space")
    assert "No space left on device" in said["disk"]
    assert said["notes"] < 10_000
    assert said["notes_full"].endswith("prune the store or free space")
    assert said["opened_again"].endswith("prune the store or free space")
    assert said["files_are_rows"]
    assert said["files_are_rows_still"]
    assert said["damaged"] == []
    assert said["values"]
    assert said["after"]


def test_a_flipped_byte_is_found_before_a_matrix_is_built(store):
    """Wherever in the elements it is."""
    store.put(KEY, {"x": np.arange(1000.0)})
    for place in (-1, -4000, -8000):
        path = store.file_of(store.entry(KEY.digest))
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
        assert store.get(KEY, verify=True) is None
        assert store.missing([KEY]) == [KEY]
        store.put(KEY, {"x": np.arange(1000.0)})
        assert store.get(KEY, verify=True) is not None


@pytest.fixture
def payload(tmp_path):
    """A pickle that makes the folder `canary` when it is loaded, written by hand."""
    return f"cos\nmkdir\n(V{tmp_path / 'canary'}\ntR.".encode()


WHOLE = b"".join(encoded({"x": np.arange(3.0)}, {}))


def claiming(**claims):
    """Return a record of three float64 whose header says something else of them."""
    length = int.from_bytes(WHOLE[:8], "little")
    header = json.loads(WHOLE[8 : 8 + length])
    header["x"] |= claims
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + WHOLE[8 + length :]


POISONED_FILES = {
    "truncated": WHOLE[:-1],
    "empty": b"",
    "header bomb": (2**60).to_bytes(8, "little") + WHOLE[8:],
    "too many elements": claiming(shape=[4]),
    "too few elements": claiming(shape=[2]),
    "negative shape": claiming(shape=[-1, -3]),
    "endless shape": claiming(shape=[2**62, 2**62]),
    "narrower type": claiming(dtype="F32"),
    "objects": claiming(dtype="O"),
    "beyond the end": claiming(data_offsets=[8, 32]),
    "before the start": claiming(data_offsets=[-24, 0]),
    "a surplus claim": claiming(code="cos"),
}


@pytest.mark.parametrize("name", POISONED_FILES)
def test_a_poisoned_file_is_refused_by_reader_and_by_verify(store, name):
    for visit in (
        lambda: store.get(KEY) is None,
        lambda: store.verify().damaged == (KEY.digest,),
    ):
        store.put(KEY, {"x": np.arange(3.0)})
        store.file_of(store.entry(KEY.digest)).write_bytes(POISONED_FILES[name])
        assert visit()
        assert store.missing([KEY]) == [KEY]


VISITS = {
    "get": lambda store: store.get(KEY),
    "get and compare": lambda store: store.get(KEY, verify=True),
    "missing": lambda store: store.missing([KEY]),
    "find": lambda store: list(store.find()),
    "usage": Store.usage,
    "verify": lambda store: store.verify(orphan_age_s=0.0),
    "prune": lambda store: store.prune(older_than_s=0.0),
    "delete": lambda store: store.delete(KEY),
    "put": lambda store: store.put(KEY, {"x": np.arange(3.0)}),
}


@pytest.mark.parametrize("visit", VISITS)
def test_a_pickle_is_executed_by_nothing_that_a_store_does(store, payload, tmp_path, visit):
    poisons = (
        ("mode = ?, value = ?, filename = NULL", MODE_PICKLE, payload),
        ("mode = ?, value = ?", MODE_PICKLE, payload),
        ("value = ?", payload),
        ("tag = ?", payload),
        ("key = ?, raw = 0", payload),
    )
    for poison in poisons:
        store.put(KEY, {"x": np.arange(3.0)})
        change_row(store, *poison)
        VISITS[visit](store)
    store.put(KEY, {"x": np.arange(3.0)})
    store.file_of(store.entry(KEY.digest)).write_bytes(payload)
    VISITS[visit](store)
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("visit", VISITS)
@pytest.mark.parametrize("way", ["path", "link"])
def test_nothing_outside_the_folder_is_read_or_deleted(store, tmp_path, visit, way):
    victim = tmp_path / "victim.safetensors"
    victim.write_bytes(WHOLE)
    store.put(KEY, {"x": np.zeros(3)})
    if way == "path":
        change_row(store, "filename = ?", "../victim.safetensors")
    else:
        path = store.file_of(store.entry(KEY.digest))
        path.unlink()
        path.symlink_to(victim)
    found = VISITS[visit](store)
    assert victim.read_bytes() == WHOLE
    if visit.startswith("get"):
        assert found is None
