"""What one page of an utterance shows, ahead of everything that waits."""

from collections.abc import Iterator

from distributed import Client

from cache import Store
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.engine import tasks
from pipeline.engine.calls import Call
from pipeline.engine.jobs import Job
from pipeline.engine.work import Counts
from pipeline.errors import CorpusError
from pipeline.library import open_corpus
from pipeline.models.catalogue import find_model
from pipeline.planning import make_side
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import labels_of

_PRIORITY = 10


class ViewWork:
    """A page that is being filled."""

    def __init__(self, job: Job, store: Store) -> None:
        self.counts = Counts()
        corpus = open_corpus(job.task["corpus"], job.task["alignments"], store=store)
        self._calls = list(_calls(job, corpus, store))

    def advance(self, client: Client) -> bool:
        """Compute the view, and the embeddings if a model is named."""
        done = [call.is_done(client) for call in self._calls]
        return all(done)

    def release(self) -> None:
        """Let go of what the workers do for it."""
        for call in self._calls:
            call.release()


def _calls(job: Job, corpus: Corpus, store: Store) -> Iterator[Call]:
    name = job.task["utterance"]
    utterance, digest = corpus.by_id.get(name), audio_digests(corpus, store).get(name)
    if utterance is None or digest is None:
        raise CorpusError(f"corpus {corpus.name} has no readable utterance {name}")
    yield Call(tasks.view_recording, utterance, digest, priority=_PRIORITY)
    if job.task["model"] is not None:
        yield _embedding(job, corpus, utterance, digest)


def _embedding(job: Job, corpus: Corpus, utterance: Utterance, digest: str) -> Call:
    spec, settings = find_model(job.task["model"]), AlignmentSettings(**job.task["settings"])
    key = make_side(corpus, spec, settings, {utterance.id: digest}).keys[utterance.id]
    labels = labels_of(spec, corpus.name)
    arguments = (spec, [(utterance, key)], settings, labels)
    return Call(tasks.embed_chunk, *arguments, priority=_PRIORITY)
