"""What of the publishing host is not handed on: where its files lie, and what it calls them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any, Final

from pipeline.bundle import NAME
from pipeline.configuration import allowed_roots, home
from pipeline.corpus.registry import registered
from pipeline.corpus.utterance import Corpus
from pipeline.errors import BundleError
from pipeline.models.spec import ModelSpec

# A path of at least two parts; its last is kept.
_PATH: Final = re.compile(r"(?<![\w/])/(?:[^/\s:;,'\")]+/)+([^/\s:;,'\")]*)")
# What follows a prefix, up to an option: names hold spaces, too.
_PATH_IN_NAME: Final = re.compile(r"(?<=:)/[^?]*")
_FORBIDDEN_IN_NAME: Final = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True)
class Redaction:
    """From what things are called here to what a bundle calls them.

    Attributes
    ----------
    models, corpora : mapping of str to str
        The name in the bundle of each name here.
    texts : mapping of str to str
        What stands in the place of other texts: where weights lie.
    private : tuple of str
        Folders of this host, which no text of a bundle may hold.
    """

    models: Mapping[str, str]
    corpora: Mapping[str, str]
    texts: Mapping[str, str]
    private: tuple[str, ...]

    def prose(self, text: str) -> str:
        """Return a text about files with their names in the place of their paths."""
        text = self._named(text)
        for folder in self.private:
            text = text.replace(f"{folder}/", "")
        return _PATH.sub(r"\1", text)

    def values(self, found: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return JSON values with every text as a bundle may hold it.

        Raises
        ------
        BundleError
            If a text still holds a folder of this host.
        """
        if isinstance(found, str):
            return self.checked(found)
        if isinstance(found, Mapping):
            return {self.checked(name): self.values(value) for name, value in found.items()}
        if isinstance(found, list | tuple):
            return [self.values(value) for value in found]
        return found

    def checked(self, text: str) -> str:
        """Return a text with the bundle's names, after a look for folders of this host.

        Raises
        ------
        BundleError
            If it still holds one.
        """
        if "/" not in text:
            return text
        text = self._named(text)
        for folder in self.private:
            if re.search(rf"(?<!\w){re.escape(folder)}(?!\w)", text):
                raise BundleError(
                    f"{text[:200]!r} names {folder}, which a bundle may not tell; call it "
                    "otherwise (an id, a name or a note), compute anew, and publish that"
                )
        return text

    def _named(self, text: str) -> str:
        for old, new in self._replaced:
            text = text.replace(old, new)
        return text

    @cached_property
    def _replaced(self) -> Sequence[tuple[str, str]]:
        """What is replaced wherever it stands: texts that only paths make, the longest first."""
        both = {**self.models, **self.corpora, **self.texts}
        changed = [(old, new) for old, new in both.items() if old != new and "/" in old]
        return sorted(changed, key=lambda pair: -len(pair[0]))


def redaction_of(
    specs: Iterable[ModelSpec], asked: Mapping[str, str], corpora: Iterable[Corpus]
) -> Redaction:
    """Return what is not handed on of models and corpora.

    Parameters
    ----------
    specs : iterable of ModelSpec
    asked : mapping of str to str
        The model's own name of each name that a view asks for.
    corpora : iterable of Corpus
        By the names that views ask for.
    """
    models, opened = list(specs), list(corpora)
    names = model_names(spec.name for spec in models)
    sources = [spec.source for spec in models if PurePath(spec.source).is_absolute()]
    places = model_places(spec.name for spec in models)
    folders = {str(PurePath(place).parent) for place in (*sources, *places)}
    folders |= {str(corpus.root) for corpus in opened} | {str(home()), str(Path.home())}
    folders |= {str(each.alignments) for each in registered(home()) if each.alignments is not None}
    folders |= set(map(str, allowed_roots()))
    return Redaction(
        models=names | {name: names[own] for name, own in asked.items()},
        corpora=corpus_names(corpus.name for corpus in opened),
        texts=places | {source: f"{PurePath(source).name}, elsewhere" for source in sources},
        private=tuple(sorted(folders - {"/"}, key=len, reverse=True)),
    )


def model_names(names: Iterable[str]) -> dict[str, str]:
    """Return what a bundle calls each model: without the path, told apart by a number.

    Examples
    --------
    >>> model_names(["minilm", "hf-text:/models/a/bert", "hf-text:/models/b/bert?tokens=last"])
    {'minilm': 'minilm', 'hf-text:/models/a/bert': 'hf-text:bert', \
'hf-text:/models/b/bert?tokens=last': 'hf-text:bert-2?tokens=last'}
    """
    listed = list(names)
    places = model_places(listed)
    return {name: _PATH_IN_NAME.sub(lambda found: places[found[0]], name) for name in listed}


def model_places(names: Iterable[str]) -> dict[str, str]:
    """Return what stands in the place of each path that a model's name holds."""
    paths = dict.fromkeys(path for name in names for path in _PATH_IN_NAME.findall(name))
    return _told_apart({path: PurePath(path).name for path in paths})


def corpus_names(names: Iterable[str]) -> dict[str, str]:
    """Return what a bundle calls each corpus: its name, or that of its folder in plain letters.

    Examples
    --------
    >>> corpus_names(["demo", "/data/My Speech", "/other/My Speech"])
    {'demo': 'demo', '/data/My Speech': 'my-speech', '/other/My Speech': 'my-speech-2'}
    """
    return _told_apart({name: _plain(name) for name in names})


def _plain(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    plain = _FORBIDDEN_IN_NAME.sub("-", PurePath(name).name.lower()).strip("-._")[:90]
    return plain or "corpus"


def _told_apart(wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the names, each with a number where another has the same."""
    found: dict[str, str] = {}
    for old, new in wanted.items():
        name, number = new, 1
        while name in found.values():
            number += 1
            name = f"{new}-{number}"
        found[old] = name
    return found
