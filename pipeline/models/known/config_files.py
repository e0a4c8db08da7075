"""The JSON files that come with a Hugging Face model, read without its library."""

import json
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import ModelError

Config = Mapping[str, object]

# The encoder's own count first: of an encoder-decoder model, the encoder is run.
_LAYER_FIELDS = ("encoder_layers", "num_hidden_layers", "num_layers", "n_layer", "n_layers")
_DIMS_FIELDS = ("hidden_size", "n_embd", "d_model", "dim")


def read_json(path: Path) -> Config:
    """Return the JSON object in a file.

    Raises
    ------
    ModelError
        If it cannot be read, or is no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: expected the file that Hugging Face models come with ({error}); download "
            "the whole model again"
        ) from error
    if not isinstance(content, dict):
        raise ModelError(f"{path}: expected a JSON object, found {type(content).__name__}")
    return content


def extractor_config(folder: Path) -> Config:
    """Return how the model in `folder` wants its audio: at what rate, and so on.

    Raises
    ------
    ModelError
        If there is no such file, or it cannot be read.
    """
    # transformers 5 writes a model that also has a tokenizer with one file for both.
    both = folder / "processor_config.json"
    if both.is_file():
        nested = read_json(both).get("feature_extractor")
        if isinstance(nested, dict):
            return nested
    return read_json(folder / "preprocessor_config.json")


def layer_count(folder: Path, config: Config) -> int:
    """Return how many layers the transformer has, of an encoder-decoder model the encoder."""
    return number(folder, config, *_LAYER_FIELDS)


def width(folder: Path, config: Config) -> int:
    """Return the length of the transformer's vectors."""
    return number(folder, config, *_DIMS_FIELDS)


def number(folder: Path, config: Config, *fields: str) -> int:
    """Return the first of the `fields` that holds a positive whole number.

    Raises
    ------
    ModelError
        If none does.
    """
    for field in fields:
        value = config.get(field)
        if _is_positive(value):
            return int(str(value))
    raise ModelError(f"{folder}: its configuration has no {' or '.join(fields)}")


def numbers(folder: Path, config: Config, field: str) -> list[int]:
    """Return a list of positive whole numbers.

    Raises
    ------
    ModelError
        If `field` holds no such list.
    """
    values = config.get(field)
    if not isinstance(values, list) or not values or not all(map(_is_positive, values)):
        raise ModelError(
            f"{folder}: config.json (model_type {config.get('model_type')}) has {field} {values}; "
            "expected a list of positive whole numbers"
        )
    return values


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
