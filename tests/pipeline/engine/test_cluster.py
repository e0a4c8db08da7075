import pytest

from pipeline.engine import cluster
from pipeline.engine.cluster import worker_environments


@pytest.mark.parametrize(
    ("gpus", "visible", "expected"),
    [
        (1, None, ["0"]),
        (2, None, ["0", "1"]),
        (2, "", ["0", "1"]),
        (2, "3, 5", ["3", "5"]),
        (1, "GPU-8932f937,GPU-gone", ["GPU-8932f937"]),
    ],
)
def test_each_gpu_gets_a_worker_that_sees_no_other(gpus, visible, expected):
    found = worker_environments(gpus, visible)
    assert found == [{"CUDA_VISIBLE_DEVICES": name} for name in expected]


def test_without_a_gpu_the_workers_are_as_many_as_the_environment_says(monkeypatch):
    monkeypatch.delenv("LAYERSCOPE_WORKERS", raising=False)
    assert worker_environments(0, None) == [{}]
    monkeypatch.setenv("LAYERSCOPE_WORKERS", "2")
    assert worker_environments(0, "") == [{}, {}]


@pytest.mark.usefixtures("home")
def test_a_worker_takes_what_it_is_told_or_its_share(monkeypatch):
    def limits():
        told = cluster._specification([{}, {}])["workers"]  # noqa: SLF001 - what Dask is told
        return {each["options"]["memory_limit"] for each in told.values()}

    assert limits() == {cluster.MEMORY_LIMIT // 2}
    monkeypatch.setenv("LAYERSCOPE_WORKER_MEMORY", "8GB")
    assert limits() == {8_000_000_000}
