"""How an English word is pronounced: by the dictionary, else guessed from its letters.

The rules are ordered, the first that fits is taken, as in Elovitz et al. (1976), "Automatic
translation of English text to phonetics by means of letter-to-sound rules" (NRL report 7948); these
are the commonest readings only, in the phones of the CMU Pronouncing Dictionary. A guess need only
be near: the acoustic model then finds where the word starts and ends.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from pipeline.alignments.spelling import with_plain_apostrophes
from pipeline.errors import AlignerError

_PRONOUNCEABLE = re.compile(r"'?[a-z]+(?:['.-]+[a-z]+)*'?\.?")

_RULES = (
    ("tion", "SH AH N"), ("sion", "ZH AH N"), ("igh", "AY"), ("tch", "CH"), ("sch", "SH"),
    ("ch", "CH"), ("sh", "SH"), ("th", "TH"), ("ph", "F"), ("^gh", "G"), ("gh", ""), ("ck", "K"),
    ("qu", "K W"), ("ng", "NG"), ("c(?=[eiy])", "S"),
    ("ee", "IY"), ("ea", "IY"), ("oo", "UW"), ("ou", "AW"), ("ow", "OW"), ("ai", "EY"),
    ("ay", "EY"), ("ey", "IY"), ("oi", "OY"), ("oy", "OY"), ("au", "AO"), ("aw", "AO"),
    ("er", "ER"), ("ir", "ER"), ("ur", "ER"), ("or", "AO R"), ("ar", "AA R"),
    ("(?<=.)es$", "Z"), ("(?<=.)ed$", "D"), ("(?<=.)e$", ""), ("(?<=.)a$", "AH"),
    ("(?<=.)o$", "OW"),
    ("a", "AE"), ("b", "B"), ("c", "K"), ("d", "D"), ("e", "EH"), ("f", "F"), ("g", "G"),
    ("h", "HH"), ("i", "IH"), ("j", "JH"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"),
    ("o", "AA"), ("p", "P"), ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("u", "AH"),
    ("v", "V"), ("w", "W"), ("x", "K S"), ("y", "IY"), ("z", "Z"),
)  # fmt: skip
_ANY_RULE = re.compile("|".join(f"({letters})" for letters, _ in _RULES))
_DOUBLED_CONSONANT = re.compile(r"([^aeiou])\1")


class Pronunciation(NamedTuple):
    """Phones separated by blanks, and whether some are guessed."""

    phones: str
    is_guessed: bool


def spelled(word: str) -> str:
    """Return a word as the dictionary would spell it: small letters, no accents.

    Raises
    ------
    AlignerError
        If it holds digits, letters of another script or signs that are read aloud.

    Examples
    --------
    >>> spelled("Café"), spelled("D\u2019Avrigny")
    ('cafe', "d'avrigny")
    """
    decomposed = unicodedata.normalize("NFKD", with_plain_apostrophes(word).casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    if _PRONOUNCEABLE.fullmatch(plain) is None:
        raise AlignerError(
            f"the word {word!r} cannot be pronounced: expected English letters, apostrophes, "
            "hyphens and dots; write numbers and signs as words, as they are spoken"
        )
    return plain


def pronounce(spelling: str, look_up: Callable[[str], str | None]) -> Pronunciation:
    """Return the phones of a word that the dictionary may lack.

    Parts between hyphens and dots are looked up one by one, and guessed where they are unknown.

    Parameters
    ----------
    spelling : str
        As `spelled` returns it.
    look_up : callable
        Returns the phones of a word in the dictionary, else None.
    """
    whole = look_up(spelling)
    if whole is not None:
        return Pronunciation(whole, is_guessed=False)
    parts = [part for part in re.split(r"[.-]+", spelling) if part.strip("'")]
    known = [look_up(part) for part in parts]
    phones = [found or guess(part) for part, found in zip(parts, known, strict=True)]
    return Pronunciation(" ".join(phones), is_guessed=None in known)


def guess(letters: str) -> str:
    """Return the phones that the letters suggest.

    Examples
    --------
    >>> guess("noirtier"), guess("d'avrigny")
    ('N OY R T IH ER', 'D AE V R IH G N IY')
    """
    once = _DOUBLED_CONSONANT.sub(r"\1", letters.replace("'", ""))
    phones = (_RULES[(match.lastindex or 1) - 1][1] for match in _ANY_RULE.finditer(once))
    # A word of silent letters only still takes time.
    return " ".join(filter(None, phones)) or "AH"
