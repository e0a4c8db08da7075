"""What lies in a PyTorch file, names and shapes, without unpickling it and without torch.

The pickle inside is read opcode by opcode: its containers and numbers are put together, tensors
become their shapes, and whatever else it asks for is noted by name and never called.
"""

import pickletools
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C  # the first number in files of torch before 1.6
_LARGEST_PICKLE_BYTES = 1 << 28  # names, shapes and settings: the numbers lie outside
_MARK = object()


@dataclass(frozen=True)
class TensorShape:
    """A tensor of the file, by its shape."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Unread:
    """Something that only running code would make, by that code's name (``module.name``)."""

    name: str


def read_torch_file(path: Path) -> Any:  # noqa: ANN401 - whatever was saved
    """Return the content of a file of ``torch.save``: containers, numbers and texts as they are.

    Tensors are :class:`TensorShape`, and objects of other classes :class:`Unread`.

    Raises
    ------
    ModelError
        If it is no such file, or it is damaged.
    """
    return _read(path).stack.pop()


def code_names(path: Path) -> frozenset[str]:
    """Return the names of all classes and functions that unpickling the file would ask for.

    Raises
    ------
    ModelError
        As :func:`read_torch_file`.
    """
    return frozenset(_read(path).names)


def _read(path: Path) -> "_Machine":
    try:
        with path.open("rb") as file:
            return _content(file)
    except (
        *(OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
        *(ValueError, TypeError, LookupError, AttributeError),
    ) as error:
        raise ModelError(
            f"{path}: expected a checkpoint that torch.save wrote, whole, and it cannot be read as "
            f"one ({error}); copy or download it again"
        ) from error


def _content(file: BufferedReader) -> "_Machine":
    if zipfile.is_zipfile(file):
        return _read_pickle(BytesIO(_pickle_in_zip(file)))
    file.seek(0)
    if file.read(1) != b"\x80":  # how every pickle of torch's begins
        raise ValueError("it is neither a whole zip archive nor an older checkpoint")
    file.seek(0)
    if _read_pickle(file).stack != [_LEGACY_MAGIC]:
        raise ValueError("it is a pickle of something else")
    _protocol, _computer = _read_pickle(file), _read_pickle(file)
    return _read_pickle(file)


def _pickle_in_zip(file: BufferedReader) -> bytes:
    with zipfile.ZipFile(file) as archive:
        found = [info for info in archive.infolist() if info.filename.endswith("/data.pkl")]
        if len(found) != 1 or found[0].file_size > _LARGEST_PICKLE_BYTES:
            raise ValueError("it is a zip archive without one data.pkl of a usual size")
        return archive.read(found[0])


def _read_pickle(file: BufferedReader | BytesIO) -> "_Machine":
    machine = _Machine()
    for opcode, argument, _ in pickletools.genops(file):
        machine.step(opcode.name, argument)
    if len(machine.stack) != 1:
        raise ValueError("its pickle does not end in one value")
    return machine


class _Machine:
    """The stack machine of pickles, with nothing in it that could call anything."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.names: set[str] = set()
        self._memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:  # noqa: ANN401
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _LITERALS:
            self.stack.append(argument)
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            self.stack.append(self._memo[int(argument)])
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self._memo[int(argument)] = self.stack[-1]
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = self.stack[-1]
        elif name == "GLOBAL":
            self.ask_for(argument.replace(" ", "."))
        elif name not in ("PROTO", "FRAME", "STOP"):
            _ACTIONS[name](self)

    def ask_for(self, name: str) -> None:
        """Note code by its name, in the place of what it is."""
        self.names.add(name)
        self.stack.append(Unread(name))

    def after_mark(self) -> list[Any]:
        """Take what was pushed since the last mark."""
        position = max(index for index, item in enumerate(self.stack) if item is _MARK)
        items = self.stack[position + 1 :]
        del self.stack[position:]
        return items

    def top(self, count: int) -> list[Any]:
        """Take the last `count` items."""
        if len(self.stack) < count:
            raise ValueError("its pickle takes more than it has put down")
        items = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return items


def _made(function: Any, arguments: Any) -> Any:  # noqa: ANN401
    """Return what `function` would make of them, where that is a container or a tensor."""
    name = function.name if isinstance(function, Unread) else "an unknown object"
    if name == "collections.OrderedDict":
        return dict(*arguments)
    if name in ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"):
        return TensorShape(tuple(arguments[2]))
    if name == "torch._utils._rebuild_parameter":
        return arguments[0]
    return Unread(name)


def _reduce(machine: _Machine) -> None:
    function, arguments = machine.top(2)
    machine.stack.append(_made(function, arguments))


def _set_items(machine: _Machine, items: list[Any]) -> None:
    mapping = machine.stack[-1]
    if isinstance(mapping, dict):  # what else takes items is an object that was not made
        mapping.update(zip(items[::2], items[1::2], strict=True))


def _append(machine: _Machine, items: list[Any]) -> None:
    if isinstance(machine.stack[-1], list):
        machine.stack[-1].extend(items)


def _push(machine: _Machine, item: object) -> None:
    machine.stack.append(item)


_CONSTANTS: dict[str, Callable[[], object]] = {
    "MARK": lambda: _MARK,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_SET": set,
    "EMPTY_TUPLE": tuple,
}
_LITERALS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
    *("BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
}
_ACTIONS: dict[str, Callable[[_Machine], object]] = {
    "TUPLE1": lambda machine: _push(machine, tuple(machine.top(1))),
    "TUPLE2": lambda machine: _push(machine, tuple(machine.top(2))),
    "TUPLE3": lambda machine: _push(machine, tuple(machine.top(3))),
    "TUPLE": lambda machine: _push(machine, tuple(machine.after_mark())),
    "LIST": lambda machine: _push(machine, machine.after_mark()),
    "DICT": lambda machine: _push(machine, _pairs(machine.after_mark())),
    "FROZENSET": lambda machine: _push(machine, frozenset(machine.after_mark())),
    "SETITEM": lambda machine: _set_items(machine, machine.top(2)),
    "SETITEMS": lambda machine: _set_items(machine, machine.after_mark()),
    "APPEND": lambda machine: _append(machine, machine.top(1)),
    "APPENDS": lambda machine: _append(machine, machine.after_mark()),
    "ADDITEMS": lambda machine: machine.after_mark(),
    "POP": lambda machine: machine.top(1),
    "POP_MARK": lambda machine: machine.after_mark(),
    "DUP": lambda machine: _push(machine, machine.stack[-1]),
    "STACK_GLOBAL": lambda machine: machine.ask_for(".".join(machine.top(2))),
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": lambda machine: _push(machine, _made(machine.top(3)[0], ())),
    "OBJ": lambda machine: _push(machine, _made(machine.after_mark()[0], ())),
    "BUILD": lambda machine: machine.top(1),
    "BINPERSID": lambda machine: _push(machine, Unread(f"storage {len(machine.top(1))}")),
}


def _pairs(items: list[Any]) -> dict[Any, Any]:
    return dict(zip(items[::2], items[1::2], strict=True))
