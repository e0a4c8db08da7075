"""How LayerScope is cited: what CITATION.cff says, as BibTeX."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CITATION = Path(__file__).parents[1] / "CITATION.cff"
# BibTeX gives these a meaning; backslashes are dealt with before the others bring new ones.
_SPECIAL = {"\\": r"\textbackslash{}"} | {sign: f"\\{sign}" for sign in "&%$#_{}"}


@dataclass(frozen=True)
class Citation:
    """A piece of software to cite.

    Attributes
    ----------
    title, version : str
    authors : tuple of str
        ``Family, Given`` of a person, the name of a group.
    year : str
        Empty before the first release.
    licence, address : str
        Empty where none is given.
    """

    title: str
    version: str
    authors: tuple[str, ...]
    year: str = ""
    licence: str = ""
    address: str = ""

    def bibtex(self) -> str:
        """Return the entry for a bibliography."""
        fields = {
            # Braces keep capitals, and a group's name in one piece.
            "author": " and ".join(map(_author, self.authors)),
            "title": f"{{{_plain(self.title)}}}",
            "version": _plain(self.version),
            "year": self.year,
            "url": self.address,
            "note": f"Licence: {_plain(self.licence)}" if self.licence else "",
        }
        written = [f"  {name:7} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join(["@software{layerscope,", *written, "}"])


def read_citation(path: Path = CITATION) -> Citation | None:
    """Return what a file in the Citation File Format says; None where there is no such file.

    Raises
    ------
    ValueError
        If it lacks a title, a version or authors.
    """
    if not path.is_file():
        return None
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    missing = [name for name in ("title", "version", "authors") if not said.get(name)]
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}; the Citation File Format needs them")
    return Citation(
        title=str(said["title"]),
        version=str(said["version"]),
        authors=tuple(map(_name, said["authors"])),
        year=str(said.get("date-released", ""))[:4],
        licence=str(said.get("license", "")),
        address=str(said.get("url") or said.get("repository-code") or ""),
    )


def _name(author: dict[str, Any]) -> str:
    if "name" in author:
        return str(author["name"])
    return ", ".join(
        str(author[part]) for part in ("family-names", "given-names") if part in author
    )


def _author(name: str) -> str:
    return _plain(name) if ", " in name else f"{{{_plain(name)}}}"


def _plain(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in text)
