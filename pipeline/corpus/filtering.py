"""Which utterances of a corpus say something of themselves, such as who speaks."""

from collections.abc import Iterable

from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.errors import SettingsError

_MOST_LISTED = 10


def utterances_saying(corpus: Corpus, where: Iterable[tuple[str, str]]) -> tuple[Utterance, ...]:
    """Return the utterances that meet all conditions, in the corpus' order.

    Parameters
    ----------
    where : iterable of (str, str)
        ``speaker``, ``sex`` or a name of the corpus' metadata, and a value; of several values of
        one name, any is enough.

    Raises
    ------
    SettingsError
        If there is none; it says what the utterances say.
    """
    wanted: dict[str, set[str]] = {}
    for name, value in where:
        wanted.setdefault(name, set()).add(value)
    found = tuple(
        utterance
        for utterance in corpus.utterances
        if all(said(utterance, name) in values for name, values in wanted.items())
    )
    if found or not wanted:
        return found
    asked = " and ".join(f"{name} {' or '.join(sorted(of))}" for name, of in wanted.items())
    known = "; ".join(f"{name}: {_values(corpus, name)}" for name in wanted)
    raise SettingsError(
        f"corpus {corpus.name} has no utterance of {asked}; its utterances say {known}"
    )


def said(utterance: Utterance, name: str) -> str | None:
    """Return what an utterance says of itself under a name; None: nothing."""
    if name == "speaker":
        return utterance.speaker
    return utterance.sex if name == "sex" else utterance.metadata.get(name)


def _values(corpus: Corpus, name: str) -> str:
    values = sorted({said(each, name) or "nothing" for each in corpus.utterances})
    more = ["..."] if len(values) > _MOST_LISTED else []
    return ", ".join(values[:_MOST_LISTED] + more)
