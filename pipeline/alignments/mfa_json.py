"""JSON files of the Montreal Forced Aligner (``--output_format json``)."""

from collections.abc import Mapping

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.json_node import Node
from pipeline.alignments.source import Source
from pipeline.alignments.tiers import alignment_from_tiers


def is_mfa_json(source: Source) -> bool:
    """Tell whether a JSON file has tiers."""
    return "tiers" in Node.root(source)


def read_mfa_json(source: Source) -> Mapping[str, Alignment]:
    """Return the words and phones of one recording.

    Raises
    ------
    AlignmentError
        If a tier is not as MFA writes it.
    """
    root = Node.root(source)
    start, end = root["start"].number(), root["end"].number()
    tiers = [_tier(name, tier, start, end) for name, tier in root["tiers"].members().items()]
    return {source.name: alignment_from_tiers(source, tiers)}


def _tier(name: str, tier: Node, start: float, end: float) -> Tier:
    kind, entries = tier["type"].text(), tier["entries"].elements()
    if kind == "interval":
        return Tier("interval", name, start, end, tuple(map(_interval, entries)))
    if kind == "point":
        return Tier("point", name, start, end, tuple(map(_point, entries)))
    raise tier["type"].error("'interval' or 'point'")


def _interval(entry: Node) -> Mark:
    start, end, label = entry.elements(count=3)
    return Mark(start.number(), end.number(), label.text())


def _point(entry: Node) -> Mark:
    time, label = entry.elements(count=2)
    return Mark(time.number(), time.number(), label.text())
