"""What one page of an utterance shows, ahead of everything that waits."""

from distributed import Client

from cache import Store
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.engine import exchange, tasks
from pipeline.engine.calls import Call
from pipeline.engine.jobs import Job
from pipeline.engine.work import Counts
from pipeline.errors import CorpusError
from pipeline.library import open_corpus
from pipeline.models.catalogue import find_model
from pipeline.planning import make_side
from pipeline.recording_view import view_key
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import failure_key, labels_of

_PRIORITY = 10


class ViewWork:
    """A page that is being filled."""

    def __init__(self, job: Job, store: Store) -> None:
        self.counts = Counts()
        self._store = store
        corpus = open_corpus(job.task["corpus"], job.task["alignments"], store=store)
        name = job.task["utterance"]
        utterance, digest = corpus.by_id.get(name), audio_digests(corpus, store).get(name)
        if utterance is None or digest is None:
            raise CorpusError(f"corpus {corpus.name} has no readable utterance {name}")
        self._keys = [view_key(digest)]
        self._calls = [Call(tasks.view_recording, utterance, digest, priority=_PRIORITY)]
        if job.task["model"] is not None:
            self._add_embedding(job, corpus, utterance, digest)

    def _add_embedding(self, job: Job, corpus: Corpus, utterance: Utterance, digest: str) -> None:
        spec, settings = find_model(job.task["model"]), AlignmentSettings(**job.task["settings"])
        key = make_side(corpus, spec, settings, {utterance.id: digest}).keys[utterance.id]
        labels = labels_of(spec, corpus.name, settings)
        arguments = (spec, [(utterance, key)], settings, labels)
        self._keys += [key, failure_key(key)]
        self._calls.append(Call(tasks.embed_chunk, *arguments, priority=_PRIORITY))

    def advance(self, client: Client) -> bool:
        """Compute the view, and the embeddings if a model is named."""
        done = [call.is_done(client) for call in self._calls]
        if not all(done):
            return False
        exchange.fetch(self._store, self._keys)
        return True

    def release(self) -> None:
        """Let go of what the workers do for it."""
        for call in self._calls:
            call.release()
