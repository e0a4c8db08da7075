"""Words and phones of ELAN's files (``.eaf``).

An annotation has times of its own, or refers to one of another tier. Then it has the times of that
one, if no other of its tier refers to it; else it is a part of it, and nobody knows which.
"""

import math
from collections import Counter
from collections.abc import Mapping

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.elan_document import Annotation, Document, open_document
from pipeline.alignments.source import Source
from pipeline.alignments.tiers import alignment_from_tiers


def read_elan(source: Source) -> Mapping[str, Alignment]:
    """Return the words and phones of one file; annotations without times are noted.

    Raises
    ------
    AlignmentError
        If it is cut or damaged, declares entities, or refers to what it does not hold.
    """
    document = open_document(source)
    times = _times(source, document)
    tiers = [_tier(name, document, times) for name in document.tiers]
    return {source.name: alignment_from_tiers(source, tiers)}


def _tier(tier: str, document: Document, times: Mapping[str, tuple[float, float] | None]) -> Tier:
    marks, notes = [], []
    for name, annotation in document.annotations.items():
        if annotation.tier != tier:
            continue
        if found := times[name]:
            marks.append(Mark(*found, annotation.label))
        elif annotation.label.strip():
            note = f"annotation {name}, {annotation.label!r}, has no times and is left out"
            notes.append(note)
    return Tier("interval", tier, 0.0, math.inf, tuple(marks), notes=tuple(notes))


def _times(source: Source, document: Document) -> Mapping[str, tuple[float, float] | None]:
    annotations = document.annotations
    siblings = Counter((each.tier, each.parent) for each in annotations.values())

    def times(annotation: Annotation) -> tuple[float, float] | None:
        for _ in annotations:
            if annotation.parent is None:
                return annotation.times
            if siblings[annotation.tier, annotation.parent] > 1:
                return None
            if annotation.parent not in annotations:
                raise source.error(f"there is no annotation {annotation.parent!r} to refer to")
            annotation = annotations[annotation.parent]
        raise source.error("its annotations refer to each other in a circle")

    return {name: times(annotation) for name, annotation in annotations.items()}
