"""What a corpus holds and how sound it is, as one value that commands and pages show."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from pipeline.alignments.spelling import comparable
from pipeline.corpus.packed_intervals import durations_s
from pipeline.corpus.utterance import Corpus, LeftOut, Problem

Verdict = Literal["sound", "usable, with gaps", "not usable"]
# What a problem costs.
COSTS: Mapping[LeftOut, str] = MappingProxyType(
    {"utterance": "left out", "words": "words left out", "nothing": "note"}
)

# What models of speech were trained on; a lower rate lacks what they listen to.
USUAL_SAMPLE_RATE_HZ = 16_000
# Times outside of these are those of a misplaced boundary more often than of a word.
SHORTEST_WORD_S, LONGEST_WORD_S = 0.03, 2.0
_EDGES_S = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, np.inf])


@dataclass(frozen=True, eq=False)
class CorpusReport:
    """A corpus in numbers.

    Attributes
    ----------
    name : str
    utterances, unaligned : int
        Those that can be used, and those that only lack an alignment.
    hours : float
        Of the utterances that can be used.
    speaker_minutes : mapping of str to float
        Speech of each speaker, the most first.
    tokens, tokens_with_times : int
        Words of the transcripts, and those whose time is known.
    types : int
        Different words, in any case.
    effective_types : float
        Inverse Simpson index, ``1 / sum(p ** 2)`` over the shares of the types: how many types
        of equal frequency would repeat as much.
    duration_edges_s, duration_counts : array
        Histogram of the words' durations; the last bin is open.
    median_word_s : float
        NaN where no word has a time.
    sample_rates_hz : mapping of int to int
        Utterances of each rate.
    aligner : str or None
    warnings : tuple of str
        What deserves a look although nothing is left out.
    problems : tuple of Problem
    verdict : {"sound", "usable, with gaps", "not usable"}
    """

    name: str
    utterances: int
    unaligned: int
    hours: float
    speaker_minutes: Mapping[str, float]
    tokens: int
    tokens_with_times: int
    types: int
    effective_types: float
    duration_edges_s: Float64[np.ndarray, " edges"]
    duration_counts: Int64[np.ndarray, " edges-1"]
    median_word_s: float
    sample_rates_hz: Mapping[int, int]
    aligner: str | None
    warnings: tuple[str, ...]
    problems: tuple[Problem, ...]
    verdict: Verdict

    @property
    def coverage(self) -> float:
        """Share of the words whose time is known, 0 where there are no words."""
        return self.tokens_with_times / self.tokens if self.tokens else 0.0


def durations_of(report: CorpusReport) -> dict[str, float]:
    """Return the histogram of durations: how many words last from how many seconds on."""
    labels = [f"from {edge:g}" for edge in report.duration_edges_s[:-1]]
    return dict(zip(labels, map(float, report.duration_counts), strict=True))


def find_problems(problems: Iterable[Problem], text: str) -> list[Problem]:
    """Return the problems that hold a text, in any case: utterance, cost, place or reason."""
    wanted = text.strip().casefold()
    return [each for each in problems if wanted in _searched(each).casefold()]


def _searched(problem: Problem) -> str:
    parts = (problem.utterance or "", COSTS[problem.left_out], problem.place, problem.reason)
    return " ".join(parts)


def check(corpus: Corpus) -> CorpusReport:
    """Return the report on a corpus."""
    words = Counter(comparable(word) for each in corpus.utterances for word in each.words)
    timed_s = _durations_s(corpus)
    minutes: dict[str, float] = defaultdict(float)
    for utterance in corpus.utterances:
        minutes[utterance.speaker] += utterance.duration_s / 60
    rates = Counter(each.sample_rate_hz for each in corpus.utterances if each.sample_rate_hz)
    squares = sum(count**2 for count in words.values())
    return CorpusReport(
        name=corpus.name,
        utterances=len(corpus.utterances),
        unaligned=len(corpus.unaligned),
        hours=sum(each.duration_s for each in corpus.utterances) / 3600,
        speaker_minutes=dict(sorted(minutes.items(), key=itemgetter(1), reverse=True)),
        tokens=words.total(),
        tokens_with_times=len(timed_s),
        types=len(words),
        effective_types=words.total() ** 2 / squares if squares else 0.0,
        duration_edges_s=_EDGES_S,
        duration_counts=np.histogram(timed_s, _EDGES_S)[0],
        median_word_s=float(np.median(timed_s)) if len(timed_s) else float("nan"),
        sample_rates_hz=dict(sorted(rates.items())),
        aligner=corpus.aligner,
        warnings=tuple(_warnings(timed_s, rates)),
        problems=corpus.problems,
        verdict=_verdict(corpus, len(timed_s)),
    )


def _durations_s(corpus: Corpus) -> Float64[np.ndarray, " words"]:
    """Return the duration of every word whose time is known."""
    found = [durations_s(each.word_intervals) for each in corpus.utterances]
    every = np.concatenate([np.empty(0), *found])
    return every[~np.isnan(every)]


def _warnings(timed_s: Float64[np.ndarray, " words"], rates: Mapping[int, int]) -> list[str]:
    low = sum(count for rate_hz, count in rates.items() if rate_hz < USUAL_SAMPLE_RATE_HZ)
    short, long = np.sum(timed_s < SHORTEST_WORD_S), np.sum(timed_s > LONGEST_WORD_S)
    found = [
        (low, f"utterances are sampled below {USUAL_SAMPLE_RATE_HZ} Hz, and lack high frequencies"),
        (short, f"words are shorter than {SHORTEST_WORD_S * 1000:.0f} ms"),
        (long, f"words are longer than {LONGEST_WORD_S:.0f} s"),
    ]
    return [f"{count} {what}" for count, what in found if count]


def _verdict(corpus: Corpus, timed: int) -> Verdict:
    if not timed:
        return "not usable"
    gaps = any(problem.left_out != "nothing" for problem in corpus.problems)
    return "usable, with gaps" if gaps else "sound"
