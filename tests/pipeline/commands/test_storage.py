import pytest

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
    status, told = run_json("cache", "verify")
    assert status == 1
    assert told["damaged"] == [entry.digest]
    assert run("cache", "verify")[0] == 0


@pytest.mark.usefixtures("filled")
def test_prune_says_first_and_deletes_then(run_json):
    _, would = run_json("cache", "prune", "--model", "s3prl:fbank", "--dry-run")
    _, did = run_json("cache", "prune", "--model", "s3prl:fbank")
    assert would == did
    assert did["records"] == 80
    _, told = run_json("cache", "usage")
    assert "embedding" not in {each["kind"] for each in told["usage"]}


def test_prune_without_a_criterion_deletes_nothing_and_says_what_it_needs(run):
    status, _, err = run("cache", "prune")
    assert status == 1
    assert "prune needs" in err


def test_warm_computes_the_comparison_of_the_first_page(run, monkeypatch):
    quick = ComparisonRequest("demo", "control:onehot", "s3prl:fbank")
    monkeypatch.setattr(storage, "DEFAULT_REQUEST", quick)
    assert "80 computed" in run("cache", "warm")[1]
    assert "80 were there" in run("cache", "warm")[1]
