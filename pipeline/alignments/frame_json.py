"""The original study's ``audio_alignments_STRIDE_RATE.json``: the frames of each word.

The stride is in milliseconds, the rate in kHz; `python -m pipeline align` writes such files. An
utterance's path leads to its words, a word to the first and last frame of each time it is spoken.
"""

import re
from collections import Counter
from collections.abc import Mapping

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.json_node import Node
from pipeline.alignments.source import Source
from pipeline.alignments.tiers import alignment_from_tiers

_NAME = re.compile(r"audio_alignments_([0-9]+(?:\.[0-9]+)?)_([0-9]+(?:\.[0-9]+)?)")
_TRANSCRIPT = "transcript_audio"
# The name says 13.33 ms where 320 samples at 24 kHz are meant.
_ROUNDING_SAMPLES = 0.1


def is_frame_json(source: Source) -> bool:
    """Tell whether a JSON file has transcripts."""
    content = source.json
    return isinstance(content, dict) and any(
        isinstance(utterance, dict) and _TRANSCRIPT in utterance for utterance in content.values()
    )


def read_frame_json(source: Source) -> Mapping[str, Alignment]:
    """Return the words of each utterance, by the utterance's path.

    A word lasts from the start of its first frame to the end of its last.

    Raises
    ------
    AlignmentError
        If the file's name does not tell the stride, or a word has no list of frames.
    """
    stride_s = _stride_s(source)
    return {
        name: alignment_from_tiers(source, [_tier(utterance, stride_s)])
        for name, utterance in Node.root(source).members().items()
    }


def _stride_s(source: Source) -> float:
    match = _NAME.fullmatch(source.name)
    stride_ms, rate_khz = map(float, match.groups()) if match else (0.0, 0.0)
    if not stride_ms * rate_khz:
        raise source.error(
            "the stride of its frames is told by its name; expected "
            "audio_alignments_STRIDE_RATE.json with milliseconds and kHz, as in 20_16"
        )
    samples = stride_ms * rate_khz
    if abs(samples - round(samples)) <= _ROUNDING_SAMPLES:
        samples = round(samples)
    return samples / rate_khz / 1000


def _tier(utterance: Node, stride_s: float) -> Tier:
    words = {key: node for key, node in utterance.members().items() if key != _TRANSCRIPT}
    marks = tuple(
        _mark(label, span, stride_s) for label, node in words.items() for span in node.elements()
    )
    found = Counter(mark.label for mark in marks)
    missing = Counter(utterance[_TRANSCRIPT].text().split()) - found
    notes = tuple(
        f"word {label!r} of the transcript has no frames, {count} times"
        for label, count in missing.items()
    )
    end = max((mark.end for mark in marks), default=0.0)
    # Neighbours may share a frame.
    return Tier("interval", "words", 0.0, end, marks, step_s=stride_s + 0.001, notes=notes)


def _mark(label: str, span: Node, stride_s: float) -> Mark:
    first, last = (frame.whole_number() for frame in span.elements(count=2))
    if last < first:
        raise span.error("the first and the last frame, in this order,")
    return Mark(first * stride_s, (last + 1) * stride_s, label)
