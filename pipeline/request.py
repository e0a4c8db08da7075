"""A comparison as it is asked for: names and settings only, so that it fits in a link or a job."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cache import Store
from pipeline.corpus.utterance import Corpus
from pipeline.library import open_corpus
from pipeline.models.catalogue import find_model
from pipeline.planning import Plan, make_plan
from pipeline.settings import AlignmentSettings


@dataclass(frozen=True)
class ComparisonRequest:
    """Two models on one corpus.

    Attributes
    ----------
    corpus : str
        A registered name or a folder.
    model_a, model_b : str
        Names for :func:`pipeline.models.find_model`; A gives the rows of the heatmap.
    alignments : str or None
        Folder of the alignments, where they lie in another tree than the audio.
    settings : AlignmentSettings
    """

    corpus: str
    model_a: str
    model_b: str
    alignments: str | None = None
    settings: AlignmentSettings = field(default_factory=AlignmentSettings)

    def as_dict(self) -> dict[str, Any]:
        """Return the request as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ComparisonRequest":
        """Return the request that `as_dict` described."""
        return cls(**{**values, "settings": AlignmentSettings(**values["settings"])})

    def plan(self, store: Store, corpus: Corpus | None = None) -> Plan:
        """Return what the comparison is made of; `corpus` where it is open already."""
        if corpus is None:
            corpus = open_corpus(self.corpus, self.alignments, store=store)
        a, b = find_model(self.model_a), find_model(self.model_b)
        return make_plan(corpus, a, b, self.settings, store)
