"""Which tensors a file of ``torch.save`` holds, without torch and without unpickling anything.

Such a file is a zip archive with a pickle: a list of instructions, which could run any code. Here
the instructions are listed, and none is followed.
"""

import pickletools
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.errors import ModelError

# The pickle of a large checkpoint has some hundred kilobytes; the weights lie outside of it.
_MOST_BYTES = 20_000_000

Shapes = Mapping[str, tuple[int, ...]]


def tensor_shapes(path: Path) -> Shapes:
    """Return the name and shape of every tensor in a checkpoint.

    Raises
    ------
    ModelError
        If ``torch.save`` has not written it, or it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _shapes(_instructions(_pickle(archive)))
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(
            f"{path}: expected a checkpoint as torch.save writes it, found another or a damaged "
            f"file ({error}); copy or download it again"
        ) from error


def layer_count(shapes: Shapes, template: str) -> int:
    """Return how many tensors have a name such as ``layers.{}.bias``, with a number in it.

    Examples
    --------
    >>> layer_count({"layers.0.bias": (2,), "layers.1.bias": (2,)}, "layers.{}.bias")
    2
    """
    pattern = r"\d+".join(map(re.escape, template.split("{}")))
    return sum(re.fullmatch(pattern, name) is not None for name in shapes)


def _pickle(archive: zipfile.ZipFile) -> bytes:
    inside = [item for item in archive.infolist() if item.filename.endswith("/data.pkl")]
    if len(inside) != 1 or inside[0].file_size > _MOST_BYTES:
        raise ValueError("its data.pkl is missing or too large")
    return archive.read(inside[0])


def _instructions(pickled: bytes) -> Iterator[tuple[str, object]]:
    """List the instructions, with texts repeated where a later one refers to them."""
    memo: dict[object, tuple[str, object]] = {}
    latest: tuple[str, object] = ("", None)
    for opcode, argument, _ in pickletools.genops(pickled):
        if "PUT" in opcode.name:
            memo[argument] = latest
            continue
        latest = (opcode.name, argument)
        if "GET" in opcode.name:
            latest = memo.get(argument, latest)
        yield latest


def _shapes(instructions: Iterator[tuple[str, object]]) -> Shapes:
    """Gather the tensors.

    Each is written as its name, the function that rebuilds it, two marks, where it is stored
    ("BINPERSID"), the offset there, its shape, and more.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    text = tensor = before = ""
    for name, argument in instructions:
        if "UNICODE" in name:
            text = str(argument)
        elif name == before == "MARK":
            tensor = text
        elif name == "BINPERSID":
            shapes[tensor] = _numbers(instructions)[1:]
        before = name
    return shapes


def _numbers(instructions: Iterator[tuple[str, object]]) -> tuple[int, ...]:
    """Return the whole numbers up to where a tuple is made of them."""
    numbers: list[int] = []
    for name, argument in instructions:
        if "TUPLE" in name:
            return tuple(numbers)
        if isinstance(argument, int):
            numbers.append(argument)
    raise ValueError("it ends inside a tensor")
