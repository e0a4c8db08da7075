"""The upstreams of the installed s3prl, read from its source files; nothing of it is imported.

Importing ``s3prl.hub``, which lists them, takes seconds and fails beside torchaudio 2.11.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

# The endings of functions that take a checkpoint; the others bring their own.
TAKES_CHECKPOINT = ("_local", "_custom")
_TAKES_ADDRESS = ("_url", "_gdriveid")


@dataclass(frozen=True)
class Upstream:
    """One function of s3prl's hub.

    Attributes
    ----------
    name : str
    family : str
        The folder of ``s3prl/upstream`` that defines it.
    addresses : tuple of str
        The files that it downloads.
    """

    name: str
    family: str
    addresses: tuple[str, ...]

    @property
    def takes_checkpoint(self) -> bool:
        """Whether it is named with a path."""
        return self.name.endswith(TAKES_CHECKPOINT)


def upstreams() -> Mapping[str, Upstream]:
    """Return the upstreams that ``s3prl.hub`` offers, by name; none where s3prl is missing.

    Where two families define one name, it is that of the family which the hub imports last.
    """
    spec = find_spec("s3prl")
    if spec is None or not spec.submodule_search_locations:
        return {}
    try:
        release = version("s3prl")
    except PackageNotFoundError:
        release = ""
    return _upstreams(Path(spec.submodule_search_locations[0]), release)


@lru_cache(maxsize=4)
def _upstreams(package: Path, _release: str) -> Mapping[str, Upstream]:
    return {
        upstream.name: upstream
        for family in _families(package / "hub.py")
        for upstream in _family(family, package / "upstream" / family / "hubconf.py")
    }


def _families(hub: Path) -> Iterator[str]:
    """Give the families in the order of the hub's imports."""
    for statement in ast.parse(hub.read_bytes()).body:
        if isinstance(statement, ast.ImportFrom) and statement.module:
            parts = statement.module.split(".")
            if parts[:2] == ["s3prl", "upstream"] and parts[-1] == "hubconf":
                yield parts[2]


def _family(family: str, hubconf: Path) -> Iterator[Upstream]:
    body = ast.parse(hubconf.read_bytes()).body
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    for name in functions:
        if not name.startswith("_") and not name.endswith(_TAKES_ADDRESS):
            yield Upstream(name, family, _addresses(name, functions))


def _addresses(name: str, functions: Mapping[str, ast.FunctionDef]) -> tuple[str, ...]:
    """Return the addresses in a function, or in that of its module which it goes on to."""
    nodes = list(ast.walk(functions[name]))
    found: dict[str, str] = {}
    for node in nodes:
        match node:
            # A later assignment to one place wins: that of the checkpoint which s3prl converted.
            case ast.Assign(targets=[target], value=ast.Constant(str(text))):
                found[ast.unparse(target)] = text
            case ast.Call(args=[*arguments]):
                found |= {text: text for text in _texts(arguments)}
            case ast.Dict(values=[*values]):
                found |= {text: text for text in _texts(values)}
    addresses = tuple(text for text in found.values() if text.startswith(("http://", "https://")))
    if addresses:
        return addresses
    called = (node.func.id for node in nodes if isinstance(node, ast.Call)
              and isinstance(node.func, ast.Name))  # fmt: skip
    others = {other: node for other, node in functions.items() if other != name}
    goes_on = (_addresses(other, others) for other in called if other in others)
    return next((addresses for addresses in goes_on if addresses), ())


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
