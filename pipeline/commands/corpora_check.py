"""``corpora check``: what a corpus holds, and every problem in it."""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

from pipeline.commands import options as shared
from pipeline.commands.bars import bars
from pipeline.corpus.checks import COSTS, CorpusReport, check, durations_of
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.errors import AudioError
from pipeline.library import open_corpus
from pipeline.models.waveform import read_waveform


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("path", help="a registered corpus' name, a folder or a manifest")
    parser.add_argument("--alignments", help="folder of the alignments")
    parser.add_argument("--audio", action="store_true", help="read every recording's samples too")
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the report; return 1 where something of the corpus has to be left out."""
    corpus = open_corpus(options.path, options.alignments)
    if options.audio:
        corpus = replace(corpus, problems=(*corpus.problems, *unreadable_recordings(corpus)))
    report = check(corpus)
    values = asdict(report) | {
        "coverage": report.coverage,
        "speakers": len(report.speaker_minutes),
        "duration_edges_s": report.duration_edges_s[:-1].tolist(),
        "duration_counts": report.duration_counts.tolist(),
        "median_word_s": report.median_word_s if report.tokens_with_times else None,
    }
    shared.report(options, values, "\n".join(_lines(report)))
    return 0 if report.verdict == "sound" else 1


def unreadable_recordings(corpus: Corpus) -> Iterator[Problem]:
    """Read every recording; yield those that no model could be given."""
    utterances: Iterable[Utterance] = corpus.utterances
    for utterance in shared.show_progress(utterances, len(corpus.utterances), corpus.name):
        try:
            waveform = read_waveform(
                utterance.audio, utterance.sample_rate_hz or 16_000, utterance.segment
            )
        except AudioError as error:
            yield Problem.of(error, utterance.audio, utterance.id)
            continue
        if not waveform.any():
            reason = "every sample is zero; record or export it again"
            yield Problem(utterance.audio, reason, utterance.id, left_out="nothing")


def _lines(report: CorpusReport) -> Iterator[str]:
    yield (
        f"{report.name}: {report.utterances} utterances by {len(report.speaker_minutes)} speakers, "
        f"{report.hours:.2f} hours, {report.tokens} words ({report.types} types; they repeat as "
        f"much as {report.effective_types:.0f} equally frequent ones)"
    )
    yield (
        f"{report.tokens_with_times} words ({report.coverage:.1%}) have times"
        + (f", by {report.aligner}" if report.aligner else "")
        + f"; {report.unaligned} further utterances lack an alignment"
    )
    rates = ", ".join(f"{hz} Hz ({n})" for hz, n in report.sample_rates_hz.items())
    yield f"sample rates: {rates or 'not known'}"
    yield from ("", f"durations of words in seconds (median {report.median_word_s:.3f})")
    yield from bars(durations_of(report))
    yield from ("", "minutes of each speaker", *bars(report.speaker_minutes), "")
    yield from (f"look at: {warning}" for warning in report.warnings)
    yield f"{len(report.problems)} problems; verdict: {report.verdict}"
    for problem in report.problems:
        yield f"  {COSTS[problem.left_out]}: {problem.place}: {problem.reason}"
