import os
import pickle
import shutil
import sys
import types

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.known.torch_file import read_torch_file
from pipeline.models.s3prl_checkpoint import for_s3prl, read_checkpoint


class Runs:
    """A pickle that would make a folder when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_with_code_is_refused_and_the_code_not_run(zipped, tmp_path):
    path, made = tmp_path / "x.pt", tmp_path / "made"
    torch.save({"code": Runs(made)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ModelError, match=r"x\.pt: it holds more than weights .*\.mkdir\)"):
        read_checkpoint(path)
    assert not made.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("conv_feature_layers", "__import__('os').mkdir({made!r})"),
        ("conv_feature_layers", "[(8,10,5)] + [print()]"),
        ("conv_feature_layers", "[(8,10,5)] * 10000000000"),
        ("conv_feature_layers", b"[(8,10,5)]" * 2),
        ("extractor_conv_feature_layers", "[x for x in ()]"),
        ("conv_aggregator_layers", "(8"),
        ("override_encoder_layers", "().__class__"),
        ("feat_type", "fbank if __import__('os').mkdir({made!r}) else 0"),
        ("xformers_att_config", "print()"),
    ],
)
def test_settings_that_s3prl_would_run_as_code_are_refused(key, value, tmp_path):
    path, made = tmp_path / "x.pt", tmp_path / "made"
    value = value.replace("{made!r}", repr(str(made))) if isinstance(value, str) else value
    torch.save({"model_cfg": {"deeper": {key: value}}}, path)
    with pytest.raises(ModelError, match=f"would run its setting {key} as code"):
        read_checkpoint(path)
    assert not made.exists()


def test_the_lists_of_real_checkpoints_are_accepted(tmp_path):
    path = tmp_path / "x.pt"
    settings = {
        "conv_feature_layers": "[(512,10,5)] + [(512,3,2)] * 4 + [(512,2,2)] * 2",
        "conv_aggregator_layers": "[(512, 2, 1), (512, 3, 1)]",
        "override_encoder_layers": "[4,4,4]",
        "feat_type": "fbank",
        "xformers_att_config": None,
        "activation_fn": "gelu",
        "note": "f(x)",
    }
    torch.save({"model_cfg": settings}, path)
    assert read_checkpoint(path) == {"model_cfg": settings}


def test_schedules_of_s3prls_training_are_passed_over(s3prl_checkpoint, tmp_path, monkeypatch):
    """Old checkpoints hold them as objects of a module `optimizers`."""
    module = types.ModuleType("optimizers")

    class Schedule:
        def __init__(self):
            self.warmup = 0.1

    Schedule.__module__, Schedule.__qualname__, module.Schedule = "optimizers", "Schedule", Schedule
    monkeypatch.setitem(sys.modules, "optimizers", module)
    path = tmp_path / "x.pt"
    content = torch.load(s3prl_checkpoint("distiller_local"), weights_only=False)
    torch.save({"Optimizer": {"schedule": Schedule()}, **content}, path)
    monkeypatch.delitem(sys.modules, "optimizers")
    content = read_checkpoint(path)
    assert "optimizers" not in sys.modules
    with for_s3prl("distiller", path, content) as copy:
        assert set(read_torch_file(copy)) == {"Config", "Distiller"}
    assert not copy.exists()


def test_other_families_get_the_file_itself(s3prl_checkpoint):
    path = s3prl_checkpoint("hubert_local")
    with for_s3prl("hubert", path, {}) as readable:
        assert readable == path


@pytest.mark.parametrize("size", [0, 1, 100, 5_000, -1])
def test_a_file_cut_short_is_refused(size, s3prl_checkpoint, tmp_path):
    path = shutil.copy(s3prl_checkpoint("wav2vec2_local"), tmp_path / "cut.pt")
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ModelError, match=r"cut\.pt: .*copy or download it again"):
        read_checkpoint(path)


def test_an_older_file_cut_short_in_its_numbers_is_refused(s3prl_checkpoint, tmp_path):
    path = tmp_path / "cut.pt"
    content = torch.load(s3prl_checkpoint("wav2vec2_local"))
    torch.save(content, path, _use_new_zipfile_serialization=False)
    path.write_bytes(path.read_bytes()[:-1_000])
    with pytest.raises(ModelError, match=r"cut\.pt"):
        read_checkpoint(path)


def test_what_is_no_dictionary_is_refused(tmp_path):
    path = tmp_path / "x.pt"
    torch.save([1, 2], path)
    with pytest.raises(ModelError, match="expected a dictionary, found list"):
        read_checkpoint(path)
    path.write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(ModelError, match=r"x\.pt"):
        read_checkpoint(path)
