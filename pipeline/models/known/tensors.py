"""The names and shapes of a checkpoint's tensors: its architecture, without loading it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.models.known.torch_file import TensorShape, read_torch_file

Shapes = Mapping[str, tuple[int, ...]]


def tensor_shapes(path: Path) -> Shapes:
    """Return the shape of every tensor in a checkpoint, by its name in the innermost mapping.

    Raises
    ------
    ModelError
        If ``torch.save`` has not written the file, or it is damaged.
    """
    return dict(_tensors(read_torch_file(path)))


def _tensors(content: object) -> Iterator[tuple[str, tuple[int, ...]]]:
    if not isinstance(content, dict):
        return
    for name, value in content.items():
        if isinstance(value, TensorShape):
            yield str(name), value.shape
        else:
            yield from _tensors(value)


def layer_count(shapes: Shapes, template: str) -> int:
    """Return how many tensors have a name such as ``layers.{}.bias``, with a number in it.

    Examples
    --------
    >>> layer_count({"layers.0.bias": (2,), "layers.1.bias": (2,)}, "layers.{}.bias")
    2
    """
    pattern = r"\d+".join(map(re.escape, template.split("{}")))
    return sum(re.fullmatch(pattern, name) is not None for name in shapes)
