from pathlib import Path

import torch

from pipeline.engine import gpus
from pipeline.engine.gpus import count_gpus, has_driver


def test_without_a_driver_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(gpus, "_DRIVERS", (tmp_path / "nvidiactl",))
    assert not has_driver()
    assert count_gpus() == 0


def test_where_there_is_a_driver_pytorch_counts(monkeypatch):
    monkeypatch.setattr(gpus, "_DRIVERS", (Path("/dev/null"),))
    assert has_driver()
    assert count_gpus() == torch.cuda.device_count()
