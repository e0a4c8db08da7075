"""Settings under a name: those of studies that our numbers are compared with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.settings import AlignmentSettings
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings

_BLOCK = re.compile(r"\blayer \d+\b")


@dataclass(frozen=True)
class Preset:
    """All settings of a comparison but its corpus and models.

    Attributes
    ----------
    name : str
    description : str
        What it is of, and where it departs from the study, as text after a colon.
    settings : AlignmentSettings
    rows : RowSettings
    measure : str
    estimator : {"debiased", "biased"}
    blocks_only : bool
        Whether layers are counted from the first block, 1, without what goes into it.
    """

    name: str
    description: str
    settings: AlignmentSettings
    rows: RowSettings
    measure: str = "cka"
    estimator: Estimator = "debiased"
    blocks_only: bool = False

    def layers(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return which of a model's layers are compared.

        Examples
        --------
        >>> PRESETS["thesis"].layers(("0: token embeddings", "1: transformer layer 1"))
        (1,)
        >>> PRESETS["thesis"].layers(("0: the vector of the word",))
        (0,)
        """
        blocks = tuple(k for k, name in enumerate(names) if _BLOCK.search(name))
        return blocks if self.blocks_only and blocks else tuple(range(len(names)))


DEFAULT = Preset(
    "default",
    "our own: debiased CKA of every token, of the frames whose centre lies in the word",
    AlignmentSettings(),
    RowSettings(),
)
THESIS = Preset(
    "thesis",
    "the original study: biased CKA of the first occurrence of each word in an utterance, frames "
    "shared by neighbouring words, layers counted from the first block",
    AlignmentSettings(frame_rule="thesis"),
    RowSettings(selection=RowSelection(first_occurrence=True), alphabetical=True),
    estimator="biased",
    blocks_only=True,
)
PASAD = Preset(
    "pasad",
    "after Pasad et al. (2021, arXiv:2107.04734): PWCCA on held-out rows, of the means of each "
    "word's frames by their rule. Unlike there, over one sample of 3,000 words, where they take "
    "three of some 7,000; in 5 folds that hold word types out, where they fit eight tenths of the "
    "words and judge one, three times; and without a ridge, which they choose on the tenth that "
    "is left",
    AlignmentSettings(frame_rule="pasad"),
    # As many as the measure draws of more: what is said of the rows holds of the values.
    RowSettings(selection=RowSelection(most_rows=3000)),
    measure="pwcca",
)
PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.name: preset for preset in (DEFAULT, THESIS, PASAD)}
)
