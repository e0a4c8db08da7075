"""The characters that a CTC model writes, and how it would write the words of a transcript."""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Int64

from pipeline.alignments.spelling import with_plain_apostrophes
from pipeline.errors import AlignerError

# Left out where the vocabulary lacks them: they have no sound of their own.
_SILENT = frozenset("'-.")


@dataclass(frozen=True, eq=False)
class Text:
    """A transcript as tokens of a model.

    Attributes
    ----------
    tokens : int64 array [shape=(tokens,)]
    words : int64 array [shape=(tokens,)]
        Which word each token belongs to; -1 between words.
    """

    tokens: Int64[np.ndarray, " tokens"]
    words: Int64[np.ndarray, " tokens"]


@dataclass(frozen=True)
class Vocabulary:
    """What a model writes.

    Attributes
    ----------
    characters : mapping of str to int
        The number of each character.
    blank : int
        What the model writes where it writes nothing.
    delimiter : int or None
        What it writes between words.
    """

    characters: Mapping[str, int]
    blank: int
    delimiter: int | None

    def encode(self, words: Sequence[str]) -> Text:
        """Return the tokens of the words, in the case that the vocabulary has.

        Raises
        ------
        AlignerError
            If a word holds characters that the vocabulary lacks.
        """
        numbered = list(self._numbered(words))
        tokens, of_words = zip(*numbered, strict=True) if numbered else ((), ())
        return Text(np.array(tokens, dtype=np.int64), np.array(of_words, dtype=np.int64))

    def _numbered(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        for index, word in enumerate(words):
            if index and self.delimiter is not None:
                yield self.delimiter, -1
            yield from ((token, index) for token in self._spell(word))

    def _spell(self, word: str) -> list[int]:
        composed = unicodedata.normalize("NFC", with_plain_apostrophes(word))
        found = {character: self._find(character) for character in composed}
        unknown = [each for each, tokens in found.items() if not tokens and each not in _SILENT]
        spelling = [token for character in composed for token in found[character]]
        if unknown or not spelling:
            lacking = " ".join(unknown) or "characters that are spoken"
            raise AlignerError(
                f"the model cannot write the word {word!r}: its vocabulary lacks {lacking}; "
                "write numbers and signs as words, as they are spoken"
            )
        return spelling

    def _find(self, character: str) -> list[int]:
        """Return the tokens of a character; none if the vocabulary lacks it."""
        for cased in (character, character.upper(), character.lower()):
            for form in (cased, unicodedata.normalize("NFD", cased)):
                whole = [form] if form in self.characters else list(form)
                if all(part in self.characters for part in whole):
                    return [self.characters[part] for part in whole]
        return []


def read_vocabulary(folder: Path, blank: int | None, size: int) -> Vocabulary:
    """Return the vocabulary of a model's folder, from ``vocab.json``.

    Parameters
    ----------
    blank : int or None
        What the model's configuration names as such.
    size : int
        How many tokens the model tells apart.

    Raises
    ------
    AlignerError
        If it is missing, damaged, or not that of the model.
    """
    numbers = _read_object(folder / "vocab.json")
    if not all(type(number) is int and 0 <= number < size for number in numbers.values()):
        raise AlignerError(
            f"{folder / 'vocab.json'}: expected the characters of one language and their numbers "
            f"below {size}; found others. Use a model of one language with its own vocabulary"
        )
    if blank is None or not 0 <= blank < size:
        raise AlignerError(
            f"{folder / 'config.json'}: pad_token_id is {blank}; expected the number of CTC's "
            f"blank, below {size}"
        )
    optional = folder / "tokenizer_config.json"
    said = _read_object(optional) if optional.exists() else {}
    delimiter = said.get("word_delimiter_token", "|")
    characters = {
        token: number
        for token, number in numbers.items()
        if len(token) == 1 and token != delimiter and number != blank
    }
    return Vocabulary(MappingProxyType(characters), blank, numbers.get(delimiter))


def _read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AlignerError(
            f"{path}: expected the file that CTC models of Hugging Face come with ({error}); "
            "download the whole model again"
        ) from error
    if not isinstance(content, dict):
        raise AlignerError(f"{path}: expected a JSON object, found {type(content).__name__}")
    return content
