import os
import stat
from pathlib import Path

import pytest

from pipeline import configuration
from pipeline.errors import SettingsError


def test_the_home_folder_is_the_user_s_own(home):
    folder = configuration.home()
    assert folder == home.resolve()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with configuration.open_store() as store:
        assert store.path == folder / "store"


def test_models_are_listed_by_commas(monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MODELS", " hf-text:/a , ,hf-speech:/b")
    assert configuration.extra_models() == ("hf-text:/a", "hf-speech:/b")
    monkeypatch.delenv("LAYERSCOPE_MODELS")
    assert configuration.extra_models() == ()


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


def test_roots_are_listed_as_in_path(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERSCOPE_ROOTS", os.pathsep.join(["/a/../b", " ", "c"]))
    assert configuration.allowed_roots() == (Path("/b"), tmp_path / "c")
    monkeypatch.delenv("LAYERSCOPE_ROOTS")
    assert configuration.allowed_roots() == ()
