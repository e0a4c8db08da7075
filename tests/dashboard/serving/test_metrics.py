import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cache import Key, Store
from dashboard.serving import metrics
from dashboard.serving.routes import routes
from pipeline.engine import JobQueue
from pipeline.errors import SettingsError

TOKEN = "0123456789abcdef0123"  # noqa: S105 - of this test


@pytest.fixture
def server(home, monkeypatch):
    """The routes over a store and a queue of their own."""
    home.mkdir()
    with (
        Store(home / "store", size_limit_bytes=10**9) as store,
        JobQueue(home / "jobs.db") as queue,
    ):
        monkeypatch.setattr(metrics.loading, "store", lambda: store)
        monkeypatch.setattr(metrics.loading, "queue", lambda: queue)
        yield TestClient(Starlette(routes=routes(""))), store, queue


@pytest.fixture
def token_file(home, tmp_path, monkeypatch):  # noqa: ARG001 - an environment of its own
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    monkeypatch.setenv("LAYERSCOPE_METRICS_TOKEN_FILE", str(file))
    return file


def asked(client, authorization=f"Bearer {TOKEN}"):
    return client.get("/api/metrics", headers={"Authorization": authorization})


def read(client):
    families = text_string_to_metric_families(asked(client).text)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_without_a_token_there_is_no_such_page(server):
    assert asked(server[0]).status_code == 404


@pytest.mark.usefixtures("token_file")
@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer ", TOKEN, f"Bearer {TOKEN}0", f"Basic {TOKEN}", "Bearer \xe9"]
)
def test_only_who_knows_the_token_is_answered(server, said):
    answer = asked(server[0], said.encode("latin-1"))
    assert answer.status_code == 401
    assert "layerscope_" not in answer.text
    assert asked(server[0]).status_code == 200


@pytest.mark.usefixtures("token_file")
def test_jobs_are_counted_by_kind_and_state_and_the_queue_has_an_age(server, monkeypatch):
    client, _, queue = server
    assert read(client)["layerscope_queue_oldest_seconds",] == 0
    first = queue.submit("view", {"n": 1}, "ada@example.org")
    queue.submit("view", {"n": 2}, "ada@example.org")
    queue.claim(first)
    queue.count(first, total=10, done=7, failed=1, at_start=4)
    since_s = queue.summary().waiting_since_s
    monkeypatch.setattr(metrics.time, "time", lambda: since_s + 30)
    numbers = read(client)
    assert numbers["layerscope_jobs", "queued", "view"] == 1
    assert numbers["layerscope_jobs", "running", "view"] == 1
    assert numbers["layerscope_queue_oldest_seconds",] == pytest.approx(30)
    assert numbers["layerscope_job_pieces", "found"] == 4
    assert numbers["layerscope_job_pieces", "settled"] == 4
    assert numbers["layerscope_job_pieces", "failed"] == 1
    assert "ada" not in asked(client).text


@pytest.mark.usefixtures("token_file")
def test_what_the_store_had_and_had_not_is_counted(server):
    client, store, _ = server
    key, other = Key("number", 1, {"n": 1}), Key("number", 1, {"n": 2})
    store.put(key, {"x": np.zeros(1000)})
    store.get(key)
    store.get(other)
    store.missing([key, other, Key("number", 1, {"n": 3})])
    numbers = read(client)
    assert numbers["layerscope_store_lookups_total", "hit"] == 2
    assert numbers["layerscope_store_lookups_total", "miss"] == 3
    assert numbers["layerscope_store_bytes",] > 8000
    assert numbers["layerscope_store_limit_bytes",] == 10**9
    assert numbers["layerscope_disk_free_bytes",] > 0


@pytest.mark.usefixtures("token_file")
def test_memory_is_that_of_this_process_and_the_engine_has_a_state(server):
    numbers = read(server[0])
    assert 10**7 < numbers["layerscope_memory_bytes", "web"] < 10**11
    assert numbers["layerscope_engine", "idle"] == 1
    assert ("layerscope_memory_bytes", "engine") not in numbers


def test_a_token_that_is_short_or_cannot_be_read_stops_the_start(token_file):
    token_file.write_text("short")
    with pytest.raises(SettingsError, match="which holds 5 characters; expected 16 or more"):
        metrics.metrics_token()
    token_file.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        metrics.metrics_token()
