"""One small file of every format, each with the same words; two recordings where a file holds many.

No word becomes a silence by the change of one byte.
"""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from itertools import pairwise

WORDS = ("one", "café", "three", "", "naïve", "五六", "seven", "one")
EDGES_MS = (0, 500, 800, 1300, 1500, 2100, 2300, 2900, 3400)
INTERVALS = [
    (start / 1000, end / 1000, word)
    for (start, end), word in zip(pairwise(EDGES_MS), WORDS, strict=True)
]
SPOKEN = [each for each in INTERVALS if each[2]]
# The second half of a file of two recordings.
_LATER = [(start, end, word) for start, end, word in SPOKEN[:3]]


@dataclass(frozen=True)
class Sample:
    """A file, and what is true of its format.

    Attributes
    ----------
    name : str
    text : str
    has_end : bool
        Whether the format shows where a file ends, so that every cut can be noticed.
    line_has_end : bool
        Whether each of its lines shows where it ends.
    shared : int
        How many words one character may say something about.
    """

    name: str
    text: str
    has_end: bool
    line_has_end: bool = False
    shared: int = 1


def _textgrid_long():
    intervals = "".join(
        f"        intervals [{number}]:\n            xmin = {start} \n            xmax = {end} \n"
        f'            text = "{word}" \n'
        for number, (start, end, word) in enumerate(INTERVALS, start=1)
    )
    tiers = "".join(
        f'    item [{number}]:\n        class = "IntervalTier" \n        name = "{name}" \n'
        f"        xmin = 0 \n        xmax = 3.4 \n        intervals: size = 8 \n{intervals}"
        for number, name in enumerate(("words", "phones"), start=1)
    )
    return (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0 \nxmax = 3.4 \n'
        f"tiers? <exists> \nsize = 2 \nitem []: \n{tiers}"
    )


def _textgrid_short():
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", "3.4", "<exists>"]
    lines += ["2", '"TextTier"', '"tones"', "0", "3.4", "1", "0.25", '"H*"']
    lines += ['"IntervalTier"', '"words"', "0", "3.4", "8"]
    for start, end, word in INTERVALS:
        lines += [str(start), str(end), f'"{word}"']
    return "\n".join(lines) + "\n"


def _ctm(confidence):
    return "".join(
        f"{recording} 1 {start} {round(end - start, 3)} {word}{confidence}\n"
        for recording, words in (("84-1-0000", SPOKEN), ("84-1-0001", _LATER))
        for start, end, word in words
    )


def _librispeech():
    return "".join(
        f'84-1-{index:04} "{",".join(word for *_, word in words)}" '
        f'"{",".join(f"{end:.3f}" for _, end, _ in words)}" \n'
        for index, words in enumerate((INTERVALS, INTERVALS[:3]))
    )


def _audacity():
    lines = [f"{start:.6f}\t{end:.6f}\t{word}\n" for start, end, word in SPOKEN]
    return "".join((*lines[:2], "\\\t100.000000\t5000.000000\n", *lines[2:]))


def _mfa_csv():
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("Begin", "End", "Label", "Type", "Speaker"))
    for kind in ("words", "phones"):
        writer.writerows((*each, kind, "LJ") for each in SPOKEN)
    return written.getvalue()


def _mfa_json():
    tier = {"type": "interval", "entries": INTERVALS}
    content = {"start": 0, "end": 3.4, "tiers": {"words": tier, "phones": tier}}
    return json.dumps(content, ensure_ascii=False)


def _whisperx():
    words = [
        {"word": word, "start": start, "end": end, "score": 0.75} for start, end, word in SPOKEN
    ]
    segments = [
        {"start": 0.0, "end": 3.4, "text": "one café", "words": part}
        for part in (words[:3], words[3:])
    ]
    return json.dumps({"segments": segments, "language": "en"}, ensure_ascii=False)


def _frames():
    words = {}
    for start, end, word in SPOKEN:
        words.setdefault(word, []).append([round(start * 50), round(end * 50) - 1])
    said = {"transcript_audio": " ".join(word for *_, word in SPOKEN)}
    content = {"84/1/84-1-0000.flac": {**said, **words}}
    return json.dumps(content, ensure_ascii=False, indent=1)


def _timit():
    return "".join(
        f"{round(start * 16_000)} {round(end * 16_000)} {word}\n" for start, end, word in SPOKEN
    )


def _elan():
    slots = "".join(
        f'  <TIME_SLOT TIME_SLOT_ID="ts{time}" TIME_VALUE="{time}"/>\n' for time in EDGES_MS
    )
    rows = "".join(
        f'  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{start}" '
        f'TIME_SLOT_REF1="ts{start}" TIME_SLOT_REF2="ts{end}">'
        f"<ANNOTATION_VALUE>{word}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        for (start, end), word in zip(pairwise(EDGES_MS), WORDS, strict=True)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT FORMAT="3.0">\n'
        f' <HEADER TIME_UNITS="milliseconds"/>\n <TIME_ORDER>\n{slots} </TIME_ORDER>\n'
        f' <TIER TIER_ID="words">\n{rows} </TIER>\n</ANNOTATION_DOCUMENT>\n'
    )


SAMPLES = {
    "long TextGrid": Sample("a.TextGrid", _textgrid_long(), has_end=True),
    "short TextGrid": Sample("a.TextGrid", _textgrid_short(), has_end=True),
    "CTM": Sample("a.ctm", _ctm(""), has_end=False),
    "CTM with confidences": Sample("a.ctm", _ctm(" 0.75"), has_end=False),
    "LibriSpeech": Sample(
        "84-1.alignment.txt", _librispeech(), has_end=False, line_has_end=True, shared=2
    ),
    "Audacity": Sample("a.txt", _audacity(), has_end=False),
    "MFA CSV": Sample("a.csv", _mfa_csv(), has_end=False),
    "MFA JSON": Sample("a.json", _mfa_json(), has_end=True),
    "whisperX": Sample("a.json", _whisperx(), has_end=True),
    # "one" is said twice, and written once.
    "frames": Sample("audio_alignments_20_16.json", _frames(), has_end=True, shared=2),
    "TIMIT": Sample("a.wrd", _timit(), has_end=False),
    "ELAN": Sample("a.eaf", _elan(), has_end=True, shared=2),
}

OTHER_CONTENTS = {
    "nothing": b"",
    "blank lines": b"\n \n\n",
    "NULs": b"\0" * 100,
    "a web page": b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n",
    "an archive": gzip.compress(_textgrid_long().encode(), mtime=0),
    "an image": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x02\0\0\0",
    "prose": b"Once upon a time, there was no alignment.\nIt was never found.\n",
    "an empty list": b"[]\n",
    "an empty object": b"{}\n",
    "a number": b"17",
    "endless brackets": b"[" * 100_000,
    "endless objects": b'{"tiers":' * 100_000,
    "endless elements": b"<a>" * 100_000,
    "a billion laughs": (
        b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n'
        b"<ANNOTATION_DOCUMENT>&b;</ANNOTATION_DOCUMENT>\n"
    ),
}
