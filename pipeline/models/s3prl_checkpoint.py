"""Checkpoints for s3prl: read as data, so that nothing in them is run, and found complete."""

import argparse
import ast
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from tempfile import TemporaryDirectory
from typing import Any

import torch

from pipeline.errors import ModelError
from pipeline.models.known.torch_file import code_names

# Settings that s3prl gives to eval(): sums and multiples of lists of numbers, or one plain name.
_EVALUATED = re.compile(r".*(conv_feature_layers|aggregator_layers|override_encoder_layers)")
_NAMED = ("feat_type", "xformers_att_config")
_LIST_NODES = (
    *(ast.Expression, ast.BinOp, ast.Add, ast.Mult, ast.List, ast.Tuple, ast.Load, ast.Constant),
    *(ast.UnaryOp, ast.USub),
)
_TRAINING_MODULES = ("optimizers.", "s3prl.optimizers.")
_MOST_REPEATED = 1000
# What these two families of s3prl read, which would unpickle the rest of the file too.
_KEPT = ("Config", "Upstream_Config", "Transformer", "Distiller")
_UNPICKLING_FAMILIES = ("distiller", "mockingjay", "tera", "audio_albert")

# Where s3prl does not mind missing weights: the module, their place in the file, what must be there
# of it (all, or beginnings of names).
_LENIENT = {
    **dict.fromkeys(("decoar", "decoar2", "decoar_layers"), ("model", "model", ("",))),
    **dict.fromkeys(
        ("mockingjay", "tera", "audio_albert"), ("transformer.model", "Transformer", ("",))
    ),
    "cpc": ("model", "weights", ("",)),
    "lighthubert": (
        *("model", "model"),
        ("feature_extractor.", "post_extract_proj.", "layer_norm.", "encoder."),
    ),
}


class _Ignored:
    """What stands for the state of a training that s3prl's checkpoints hold beside weights."""

    def __init__(self, *_arguments: object) -> None: ...

    def __setstate__(self, _state: object) -> None: ...


@contextmanager
def plain_settings(path: Path) -> Iterator[None]:
    """Let torch's safe reading make command-line settings, and pass over s3prl's schedules."""
    schedules = [
        (_Ignored, name) for name in code_names(path) if name.startswith(_TRAINING_MODULES)
    ]
    with torch.serialization.safe_globals([argparse.Namespace, *schedules]):
        yield


def read_checkpoint(path: Path) -> Mapping[str, Any]:
    """Return what a checkpoint holds; only containers, numbers, texts and tensors are made.

    Raises
    ------
    ModelError
        If it cannot be read so, or a setting that s3prl evaluates is more than a list or a name.
    """
    try:
        with plain_settings(path):
            content = torch.load(
                path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
            )
    except UnpicklingError as error:
        asked = re.search(r"(?:GLOBAL|global:?) `?([\w.]+)", str(error))
        raise ModelError(
            f"{path}: it holds more than weights and settings "
            f"({asked[1] if asked else str(error).splitlines()[0]}), and making that could run any "
            "code on this machine. Where you trust it, load it with torch and save its weights and "
            "settings alone"
        ) from error
    except (OSError, RuntimeError, ValueError, LookupError, EOFError) as error:
        raise ModelError(
            f"{path}: torch cannot read it ({str(error).splitlines()[0]}); copy or download it "
            "again"
        ) from error
    if not isinstance(content, Mapping):
        raise ModelError(f"{path}: expected a dictionary, found {type(content).__name__}")
    _require_harmless(path, content)
    return content


def _require_harmless(path: Path, settings: Mapping[Any, Any]) -> None:
    for key, value in settings.items():
        if isinstance(value, argparse.Namespace):
            value = vars(value)  # noqa: PLW2901 - the same settings
        if isinstance(value, Mapping):
            _require_harmless(path, value)
        elif isinstance(value, (str, bytes)) and not _is_harmless(str(key), value):
            raise ModelError(
                f"{path}: s3prl would run its setting {key} as code; expected a list of numbers "
                f"or a name, found {value[:60]!r}"
            )


def _is_harmless(key: str, value: str | bytes) -> bool:
    if key in _NAMED:
        return isinstance(value, str) and value.isidentifier()
    if not _EVALUATED.fullmatch(key) or not value:
        return True
    try:
        nodes = list(ast.walk(ast.parse(value, mode="eval")))
    except (SyntaxError, ValueError, RecursionError):
        return False
    numbers = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return all(isinstance(node, _LIST_NODES) for node in nodes) and all(
        isinstance(number, int) and number <= _MOST_REPEATED for number in numbers
    )


@contextmanager
def for_s3prl(family: str, path: Path, content: Mapping[str, Any]) -> Iterator[Path]:
    """Give the file that s3prl may read: `path`, or a copy without what it would unpickle."""
    if family not in _UNPICKLING_FAMILIES:
        yield path
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        torch.save({key: content[key] for key in _KEPT if key in content}, copy)
        yield copy


def require_complete(
    family: str, path: Path, content: Mapping[str, Any], upstream: torch.nn.Module
) -> None:
    """Refuse a checkpoint without some of the model's weights: they would be random numbers.

    Raises
    ------
    ModelError
        If weights are missing, in the families of which s3prl does not say so itself.
    """
    if family not in _LENIENT:
        return
    module, key, needed = _LENIENT[family]
    given = {_renamed(family, name) for name in content[key]}
    names = (name for name in upstream.get_submodule(module).state_dict() if name not in given)
    missing = [name for name in names if name.startswith(needed)]
    if missing:
        raise ModelError(
            f"{path}: {len(missing)} weights are missing ({missing[0]}, ...); is it a checkpoint "
            f"of s3prl's {family}, and whole?"
        )


def _renamed(family: str, name: str) -> str:
    """Return what s3prl's loader makes of the name of a weight."""
    if family == "decoar_layers":
        return re.sub(r"(forward|backward)_lstm\.(.+)(\d+)", r"\1_lstms.\3.\g<2>0", name)
    if family in _UNPICKLING_FAMILIES:
        return name.replace("gamma", "weight").replace("beta", "bias")
    return name
