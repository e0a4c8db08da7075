"""The XML of ELAN's files (``.eaf``, schema EAFv3.0): tiers, and the annotations in them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from pipeline.alignments.source import Source

# ELAN writes neither; attacks through XML are made of them.
_DECLARATION = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)

_Element = ET.Element


@dataclass(frozen=True)
class Annotation:
    """A label in a tier.

    Attributes
    ----------
    tier, label : str
    times : tuple of float, or None
        Start and end in seconds, where the file gives both.
    parent : str or None
        The name of the annotation that it refers to.
    """

    tier: str
    label: str
    times: tuple[float, float] | None
    parent: str | None


@dataclass(frozen=True)
class Document:
    """What an ELAN file holds: the names of its tiers, and its annotations by their names."""

    tiers: tuple[str, ...]
    annotations: Mapping[str, Annotation]


def open_document(source: Source) -> Document:
    """Return the content of a file.

    Raises
    ------
    AlignmentError
        If it is cut or damaged, declares entities, repeats a name or lacks a time slot.
    """
    root = _root(source)
    slots = _by_name(source, root.iter("TIME_SLOT"), "TIME_SLOT_ID")
    tiers = _by_name(source, root.iter("TIER"), "TIER_ID")
    tier_of = {element: name for name, tier in tiers.items() for element in tier.iter()}
    elements = _by_name(
        source, (each for wrapper in root.iter("ANNOTATION") for each in wrapper), "ANNOTATION_ID"
    )
    annotations = {}
    for name, element in elements.items():
        label = element.findtext("ANNOTATION_VALUE")
        if label is None or element not in tier_of:
            raise source.error(f"the annotation {name!r} has no value or no tier")
        parent = _attribute(source, element, "ANNOTATION_REF") if _refers(element) else None
        times = None if _refers(element) else _times(source, element, slots)
        annotations[name] = Annotation(tier_of[element], label, times, parent)
    return Document(tuple(tiers), annotations)


def _root(source: Source) -> _Element:
    if found := _DECLARATION.search(source.text):
        line = source.text.count("\n", 0, found.start()) + 1
        raise source.error(f"found {found[0]}; an ELAN file declares no such thing", line)
    try:
        root = ET.fromstring(source.text)  # noqa: S314 - it declares no entities
    except ET.ParseError as error:
        line, _ = error.position
        reason, _, _ = str(error).partition(":")
        raise source.error(f"no valid XML ({reason}); is the file cut?", line) from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise source.error(f"expected an ANNOTATION_DOCUMENT of ELAN, found {root.tag!r}")
    units = {header.get("TIME_UNITS", "milliseconds") for header in root.iter("HEADER")}
    if not units <= {"milliseconds"}:
        raise source.error(f"its times are in {sorted(units)}; expected milliseconds")
    return root


def _by_name(source: Source, elements: Iterable[_Element], attribute: str) -> dict[str, _Element]:
    found: dict[str, _Element] = {}
    for element in elements:
        name = _attribute(source, element, attribute)
        if name in found:
            raise source.error(f"{attribute} {name!r} is given twice")
        found[name] = element
    return found


def _attribute(source: Source, element: _Element, attribute: str) -> str:
    if attribute not in element.attrib:
        raise source.error(f"a {element.tag} without {attribute}; is the file damaged?")
    return element.attrib[attribute]


def _refers(annotation: _Element) -> bool:
    return annotation.tag == "REF_ANNOTATION"


def _times(
    source: Source, annotation: _Element, slots: Mapping[str, _Element]
) -> tuple[float, float] | None:
    times = []
    for attribute in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"):
        name = _attribute(source, annotation, attribute)
        if name not in slots:
            raise source.error(f"there is no time slot {name!r}; is the file damaged?")
        milliseconds = slots[name].get("TIME_VALUE")
        if milliseconds is not None:
            times.append(source.number(milliseconds, f"the time of {name!r}") / 1000)
    return (times[0], times[1]) if len(times) == 2 else None  # noqa: PLR2004 - start and end
