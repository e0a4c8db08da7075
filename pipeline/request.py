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
from pipeline.similarity.measure import measure_named
from pipeline.similarity.row_settings import RowSettings


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
    rows : RowSettings
    measure : str
        One of :data:`pipeline.similarity.MEASURES`.
    """

    corpus: str
    model_a: str
    model_b: str
    alignments: str | None = None
    settings: AlignmentSettings = field(default_factory=AlignmentSettings)
    rows: RowSettings = field(default_factory=RowSettings)
    measure: str = "cka"

    def as_dict(self) -> dict[str, Any]:
        """Return the request as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ComparisonRequest":
        """Return the request that `as_dict` described."""
        read = {**values, "settings": AlignmentSettings(**values["settings"])}
        if "rows" in values:  # jobs of earlier versions say nothing of them
            read["rows"] = RowSettings.from_dict(values["rows"])
        return cls(**read)

    def plan(self, store: Store, corpus: Corpus | None = None) -> Plan:
        """Return what the comparison is made of; `corpus` where it is open already."""
        if corpus is None:
            corpus = open_corpus(self.corpus, self.alignments, store=store)
        a, b = find_model(self.model_a), find_model(self.model_b)
        measure = measure_named(self.measure)
        return make_plan(corpus, a, b, self.settings, store, rows=self.rows, measure=measure)
