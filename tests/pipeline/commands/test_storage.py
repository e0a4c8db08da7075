import numpy as np
import pytest

from cache import Key
from pipeline.commands import storage
from pipeline.configuration import open_store
from pipeline.request import ComparisonRequest


@pytest.fixture
def filled(run):
    run("embed", "--corpus", "demo", "--model", "s3prl:fbank")


@pytest.mark.usefixtures("filled")
def test_usage_counts_records_and_bytes_by_model(run_json):
    _, told = run_json("cache", "usage")
    (entry,) = [each for each in told["usage"] if each["kind"] == "embedding"]
    assert entry["records"] == 80
    assert entry["labels"] == {
        "corpus": "demo",
        "model": "s3prl:fbank",
        "settings": "word, centre, mean",
    }
    with open_store() as store:
        files = [path.stat().st_size for path in store.path.rglob("*.safetensors")]
    assert told["size_bytes"] == sum(files)


@pytest.mark.usefixtures("filled")
def test_a_damaged_record_is_dropped_and_told(run, run_json):
    with open_store() as store:
        entry = next(store.find("embedding"))
        path = store.path / entry.file
    content = bytearray(path.read_bytes())
    content[-1] ^= 255
    path.write_bytes(content)
    status, out, _ = run("cache", "verify")
    assert status == 1
    assert f"dropped {entry.digest}: embedding, corpus demo, model s3prl:fbank" in out
    assert out.endswith("records checked, 1 damaged ones dropped\n")
    status, told = run_json("cache", "verify")
    assert (status, told["damaged"]) == (0, [])


@pytest.mark.usefixtures("filled")
def test_prune_says_first_and_deletes_then(run_json):
    _, would = run_json("cache", "prune", "--model", "s3prl:fbank", "--dry-run")
    _, did = run_json("cache", "prune", "--model", "s3prl:fbank")
    assert would == did
    assert did["records"] == 80
    _, told = run_json("cache", "usage")
    assert "embedding" not in {each["kind"] for each in told["usage"]}


def put(number, **labels):
    with open_store() as store:
        labels["n"] = str(number)
        store.put(Key("embedding", 1, {"n": number}), {"x": np.zeros(1000)}, labels=labels)


def kept():
    with open_store() as store:
        return sorted(int(entry.labels["n"]) for entry in store.find())


def test_usage_tells_settings_apart_and_gives_a_sum(run, run_json):
    for n, settings in enumerate(("word mean", "word mean", "phone mean")):
        put(n, corpus="c", model="m", settings=settings)
    put(3, corpus="c", model="m")
    _, told = run_json("cache", "usage")
    groups = [(each["labels"].get("settings"), each["records"]) for each in told["usage"]]
    assert groups == [(None, 1), ("phone mean", 1), ("word mean", 2)]
    assert told["records"] == 4
    assert told["size_bytes"] == sum(each["size_bytes"] for each in told["usage"])
    *_, last = run("cache", "usage")[1].splitlines()
    assert last.split()[:4] == ["in", "all", "4", "records"]


def test_prune_by_settings(run_json):
    for n, settings in enumerate(("word mean", "phone mean")):
        put(n, model="m", settings=settings)
    _, did = run_json("cache", "prune", "--settings", "word mean")
    assert did["records"] == 1
    assert kept() == [1]


def test_prune_to_a_size_deletes_the_oldest(run_json):
    for n in range(5):
        put(n)
    _, would = run_json("cache", "prune", "--to-size", "20kB", "--dry-run")
    assert kept() == [0, 1, 2, 3, 4]
    _, did = run_json("cache", "prune", "--to-size", "20kB")
    assert would == did
    # Each is a little larger than 8 kB.
    assert did["records"] == 3
    assert kept() == [3, 4]


def test_prune_to_what_is_no_size_deletes_nothing(run):
    put(0)
    status, _, err = run("cache", "prune", "--to-size", "little")
    assert status == 1
    assert "--to-size: expected a size" in err
    assert kept() == [0]


def test_share_publishes_what_is_not_there(run, run_json, monkeypatch, tmp_path):
    monkeypatch.setenv("LAYERSCOPE_SHARED", f"file://{tmp_path / 'shared'}")
    for n in range(3):
        put(n)
    status, told = run_json("cache", "share")
    assert (status, told) == (1, {"present": 0, "published": 0, "left": 3})
    (tmp_path / "shared").mkdir()
    status, told = run_json("cache", "share")
    assert (status, told) == (0, {"present": 0, "published": 3, "left": 0})
    assert "0 published, 3 were there, 0 could not be" in run("cache", "share")[1]
    assert len(list((tmp_path / "shared").glob("records/*/*.json"))) == 3


def test_share_without_a_tier_says_what_it_needs(run):
    put(0)
    status, _, err = run("cache", "share")
    assert status == 1
    assert "LAYERSCOPE_SHARED is not set" in err


def test_prune_without_a_criterion_deletes_nothing_and_says_what_it_needs(run):
    status, _, err = run("cache", "prune")
    assert status == 1
    assert "prune needs" in err


def test_warm_computes_the_comparison_of_the_first_page(run, monkeypatch):
    quick = ComparisonRequest("demo", "control:onehot", "s3prl:fbank")
    monkeypatch.setattr(storage, "DEFAULT_REQUEST", quick)
    assert "80 computed" in run("cache", "warm")[1]
    assert "80 were there" in run("cache", "warm")[1]


@pytest.mark.usefixtures("filled")
def test_a_backup_comes_back_record_by_record(run, run_json, tmp_path, monkeypatch):
    _, before = run_json("cache", "usage")
    status, told = run_json("cache", "backup", tmp_path / "backup")
    assert (status, told["records"], told["damaged"]) == (0, before["records"], [])
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "new"))
    status, out, _ = run("cache", "restore", tmp_path / "backup")
    assert status == 0
    assert f"{before['records']} records, " in out
    assert run_json("cache", "usage")[1] == before
    status, _, err = run("cache", "restore", tmp_path / "backup")
    assert status == 1
    assert "is in use" in err
