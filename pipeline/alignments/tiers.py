"""Which of a file's tiers hold its words, its phones and how sure the aligner is of them."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.alignments.alignment import Alignment, Tier
from pipeline.alignments.source import Source
from pipeline.alignments.spoken import spoken


def alignment_from_tiers(
    source: Source, tiers: Sequence[Tier], notes: Sequence[str] = ()
) -> Alignment:
    """Return the words and phones among the `tiers` of a file.

    The word tier is the first interval tier named ``words`` or ``word``, in any case; else the
    first whose name ends so (MFA names the tiers of many speakers ``KY25A - words``). The phone
    tier is found likewise, and may be missing. Where there is a tier ``confidence``, it has the
    words' times, and numbers for labels.

    Parameters
    ----------
    notes : sequence of str
        What the reader found odd about the file as a whole.

    Raises
    ------
    AlignmentError
        If there is no word tier, or an interval is impossible.
    """
    words, phones = _named(tiers, "word"), _named(tiers, "phone")
    if not words:
        found = ", ".join(f"{tier.name!r} ({tier.kind}s)" for tier in tiers) or "no tiers"
        raise source.error(f"no tier of word intervals; found {found}. Name the word tier 'words'.")
    word_intervals, word_notes = spoken(source, _with_confidence(words[0], tiers), "word")
    phone_intervals, phone_notes = spoken(source, phones[0], "phone") if phones else ([], [])
    choices = [
        f"{len(found)} {unit} tiers; reading {found[0].name!r}"
        for unit, found in (("word", words), ("phone", phones))
        if len(found) > 1
    ]
    return Alignment(word_intervals, phone_intervals, (*notes, *choices, *word_notes, *phone_notes))


def _named(tiers: Sequence[Tier], name: str) -> list[Tier]:
    folded = [(tier.name.strip().casefold(), tier) for tier in tiers if tier.kind == "interval"]
    names = (name, f"{name}s")
    exact = [tier for label, tier in folded if label in names]
    return exact or [tier for label, tier in folded if label.endswith(names)]


def _with_confidence(words: Tier, tiers: Sequence[Tier]) -> Tier:
    stated = [tier for tier in tiers if tier.name.strip().casefold() == "confidence"]
    if not stated:
        return words
    labelled = [mark for mark in stated[0].marks if mark.label.strip()]
    values = {(mark.start, mark.end): mark.label.strip() for mark in labelled}
    marks = tuple(mark._replace(confidence=values.get(mark[:2])) for mark in words.marks)
    strays = values.keys() - {mark[:2] for mark in words.marks}
    note = f"{len(strays)} intervals of the tier {stated[0].name!r} have no word's times"
    return replace(words, marks=marks, notes=(*words.notes, note) if strays else words.notes)
