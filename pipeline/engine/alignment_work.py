"""Word times for what a corpus has none for, into a named folder below LayerScope's home."""

from collections.abc import Callable
from typing import cast

from distributed import Client

from cache import Store
from pipeline.corpus.utterance import Utterance
from pipeline.engine import tasks
from pipeline.engine.calls import Call
from pipeline.engine.chunks import Chunk, chunks
from pipeline.engine.jobs import Job
from pipeline.engine.pieces import Pieces
from pipeline.engine.work import Counts
from pipeline.errors import AlignerError
from pipeline.forced_alignment.corpus_alignment import Outcome
from pipeline.forced_alignment.result_folder import count_aligned, named_folder
from pipeline.library import open_corpus


class AlignmentWork:
    """An alignment that is being made."""

    def __init__(self, job: Job, store: Store, chunk_s: float, note: Callable[[str], None]) -> None:
        self._aligner, self._folder = job.task["aligner"], named_folder(job.task["out"])
        corpus = open_corpus(job.task["corpus"], job.task["alignments"], store=store)
        if not corpus.unaligned:
            raise AlignerError(
                f"every utterance of {corpus.name} has its alignment; nothing is left"
            )
        self._root = corpus.root
        self._there = {u.id for u in corpus.unaligned if self._count_aligned(u)}
        there = len(self._there)
        self.counts = Counts(len(corpus.unaligned), done=there, at_start=there)
        self._outcomes: list[Outcome] = []
        self._pieces = Pieces(self, chunks(corpus.unaligned, chunk_s), note)
        self._concluding: Call | None = None

    def _count_aligned(self, utterance: Utterance) -> int:
        return count_aligned([utterance], self._root, self._folder)

    def call(self, chunk: Chunk, trial: int, priority: int) -> Call:  # noqa: ARG002 - nobody shares it
        """Return the call for a chunk."""
        arguments = (self._aligner, chunk, self._root, self._folder)
        return Call(tasks.align_chunk, *arguments, priority=priority)

    def settle(self, chunk: Chunk, call: Call) -> None:  # noqa: ARG002 - each outcome names its utterance
        """Keep and count what became of a chunk."""
        outcomes = cast("list[Outcome]", call.result())
        self._outcomes += outcomes
        new = [each for each in outcomes if each.utterance not in self._there]
        failed = sum(each.failure is not None for each in new)
        self.counts.failed += failed
        self.counts.done += len(new) - failed

    def give_up(self, utterance: Utterance, reason: str) -> None:
        """Keep and count why an utterance has no alignment."""
        failure = f"{utterance.audio}: {reason}"
        self._outcomes.append(Outcome(utterance.id, failure=failure))
        self.counts.failed += 1

    def advance(self, client: Client) -> bool:
        """Align; then write down what became of all utterances."""
        if not self._pieces.advance(client):
            return False
        if self._concluding is None:
            self._concluding = Call(tasks.conclude_alignment, self._folder, self._outcomes)
        return self._concluding.is_done(client)

    def release(self) -> None:
        """Let go of what the workers do for it."""
        self._pieces.release()
        if self._concluding is not None:
            self._concluding.release()
