import os
import stat
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import CacheError, Key, StoreFullError
from pipeline import configuration
from pipeline.errors import BundleError, SettingsError
from pipeline.models.registry import add_model

KEY = Key("number", 1, {"n": 1})


def test_the_home_folder_is_the_user_s_own(home):
    folder = configuration.home()
    assert folder == home.resolve()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with configuration.open_store() as store:
        assert store.path == folder / "store"


@pytest.mark.usefixtures("home")
def test_models_are_listed_by_commas(monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MODELS", " hf-text:/a , ,hf-speech:/b")
    place = "LAYERSCOPE_MODELS"
    assert configuration.extra_models() == {"hf-text:/a": place, "hf-speech:/b": place}
    monkeypatch.delenv("LAYERSCOPE_MODELS")
    assert configuration.extra_models() == {}


@pytest.mark.usefixtures("home")
def test_added_models_come_before_those_of_the_environment(monkeypatch):
    for name in ("glove:/both", "glove:/b"):
        add_model(name, configuration.home())
    monkeypatch.setenv("LAYERSCOPE_MODELS", "glove:/a,glove:/both")
    assert list(configuration.extra_models().items()) == [
        ("glove:/both", "LAYERSCOPE_MODELS"),
        ("glove:/b", "models.json"),
        ("glove:/a", "LAYERSCOPE_MODELS"),
    ]


def test_without_a_scheduler_there_is_none(monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_SCHEDULER", "")
    assert configuration.scheduler_address() is None
    monkeypatch.setenv("LAYERSCOPE_SCHEDULER", "tcp://node:8786")
    assert configuration.scheduler_address() == "tcp://node:8786"


def test_the_number_of_workers_is_a_whole_number_from_1(monkeypatch):
    monkeypatch.delenv("LAYERSCOPE_WORKERS", raising=False)
    assert configuration.worker_count() == 1
    monkeypatch.setenv("LAYERSCOPE_WORKERS", "3")
    assert configuration.worker_count() == 3
    for wrong in ("0", "-1", "two", "1.5"):
        monkeypatch.setenv("LAYERSCOPE_WORKERS", wrong)
        with pytest.raises(SettingsError, match="LAYERSCOPE_WORKERS is"):
            configuration.worker_count()


def test_a_task_s_time_is_said_in_minutes(monkeypatch):
    monkeypatch.delenv("LAYERSCOPE_TASK_MINUTES", raising=False)
    assert configuration.task_seconds() is None
    monkeypatch.setenv("LAYERSCOPE_TASK_MINUTES", "1.5")
    assert configuration.task_seconds() == 90


def test_roots_are_listed_as_in_path(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERSCOPE_ROOTS", os.pathsep.join(["/a/../b", " ", "c"]))
    assert configuration.allowed_roots() == (Path("/b"), tmp_path / "c")
    monkeypatch.delenv("LAYERSCOPE_ROOTS")
    assert configuration.allowed_roots() == ()


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("0B", 0),
        ("17 B", 17),
        ("1kB", 1000),
        ("1KiB", 1024),
        ("500MiB", 524_288_000),
        ("200GB", 200_000_000_000),
        (" 1.5 gib ", 1_610_612_736),
        ("2TB", 2_000_000_000_000),
        ("1TiB", 1_099_511_627_776),
    ],
)
def test_sizes_are_read_with_their_units(text, size_bytes):
    assert configuration.size_from(text, "limit") == size_bytes


@given(
    number=st.decimals(min_value=0, max_value=10_000, places=3),
    unit=st.sampled_from([("MB", 10**6), ("MiB", 2**20), ("GB", 10**9), ("GiB", 2**30)]),
)
def test_sizes_are_what_decimal_arithmetic_says(number, unit):
    name, unit_bytes = unit
    expected = round(Decimal(number) * unit_bytes)
    assert abs(configuration.size_from(f"{number}{name}", "limit") - expected) <= 1


@pytest.mark.parametrize(
    "text",
    ["", "200", "GB", "-1GB", "1G", "1,5GB", "1e3GB", "nan GB", "1ib", "1 2GB", "\u0661GB", "1PB"],
)
def test_what_is_no_size_is_refused(text):
    with pytest.raises(SettingsError, match=r"limit: expected a size such as 200GB, .* found"):
        configuration.size_from(text, "limit")


@pytest.mark.usefixtures("home")
def test_the_store_keeps_to_its_limit(monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_STORE_LIMIT", "1MB")
    with (
        configuration.open_store() as store,
        pytest.raises(StoreFullError, match="of 1,000,000 bytes are used"),
    ):
        store.put(KEY, {"x": np.zeros(10**6, np.uint8)})


@pytest.mark.usefixtures("home")
def test_a_wrong_limit_is_one_clear_error(monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_STORE_LIMIT", "plenty")
    with pytest.raises(SettingsError, match="LAYERSCOPE_STORE_LIMIT: expected a size"):
        configuration.open_store()


def test_the_shared_tier_is_where_the_environment_says(monkeypatch, tmp_path, store):
    monkeypatch.setenv("LAYERSCOPE_SHARED", "")
    assert configuration.shared_tier() is None
    monkeypatch.setenv("LAYERSCOPE_SHARED", f"file://{tmp_path}")
    store.put(KEY, {"x": np.zeros(3)})
    assert configuration.shared_tier().publish(store, KEY)
    assert list(tmp_path.glob(f"records/*/{KEY.digest}.json"))
    monkeypatch.setenv("LAYERSCOPE_SHARED", "nonsense://x")
    with pytest.raises(CacheError, match="expected s3://BUCKET/FOLDER"):
        configuration.shared_tier()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ROOTS", "/no/such/folder", "LAYERSCOPE_ROOTS names /no/such/folder, which is no folder"),
        ("WORKERS", "none", "LAYERSCOPE_WORKERS is 'none'"),
        ("TASK_MINUTES", "0", "LAYERSCOPE_TASK_MINUTES is '0'; expected how many minutes one task"),
        ("STORE_LIMIT", "plenty", "LAYERSCOPE_STORE_LIMIT: expected a size"),
        ("ALLOW_PYTHON_MODELS", "yes", "LAYERSCOPE_ALLOW_PYTHON_MODELS is 'yes'"),
        ("HOME", "/dev/null/a/b", "LAYERSCOPE_HOME is /dev/null/a/b, but /dev/null is no folder"),
        ("SHARED", "nonsense://x", "expected s3://BUCKET/FOLDER"),
        ("BUNDLE", "/no/such/folder", "/no/such/folder is no bundle"),
        ("WORKRES", "2", "there is no variable LAYERSCOPE_WORKRES; did you mean"),
    ],
)
def test_a_check_finds_each_wrong_value(monkeypatch, name, value, said):
    configuration.check()
    monkeypatch.setenv(f"LAYERSCOPE_{name}", value)
    with pytest.raises((SettingsError, BundleError, CacheError), match=said):
        configuration.check()
