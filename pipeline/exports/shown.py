"""What a heatmap shows of a comparison, as one value, and what it is."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float64

from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.analyses.masks import Mask, MaskBy, mask_of
from pipeline.analyses.readings import Reading, cell_readings
from pipeline.request import ComparisonRequest
from pipeline.similarity.colour_scale import colour_domain, z_domain
from pipeline.similarity.export import as_plain_values
from pipeline.similarity.measure import title_of
from pipeline.similarity.result import SimilarityResult

ColumnWidth = Literal["single", "double"]
FigureFormat = Literal["pdf", "svg", "png"]

_OF_EACH_CELL = ("scores", "chance", "chance_sd", "z")


@dataclass(frozen=True, eq=False)
class ShownComparison:
    """The heatmap of a result.

    Attributes
    ----------
    request : ComparisonRequest
        What was asked for.
    result : SimilarityResult
    nulls : CellNulls or None
    intervals : CellIntervals or None
        What is known of each cell beside its score.
    reading : {"score", "z over rows", "z over words"}
        What the colours say.
    stretch : bool
        Whether they span the values that occur, instead of 0 to 1.
    mask_by : {"nothing", "chance", "words", "interval"}
        What the cells that are struck out are not above.
    """

    request: ComparisonRequest
    result: SimilarityResult
    nulls: CellNulls | None = None
    intervals: CellIntervals | None = None
    reading: Reading = "score"
    stretch: bool = False
    mask_by: MaskBy = "nothing"

    @property
    def values(self) -> Float64[np.ndarray, "layers_a layers_b"]:
        """What each cell shows; NaN where it is not known."""
        return cell_readings(self.result, self.reading, self.nulls)

    @property
    def domain(self) -> tuple[float, float]:
        """The values of the first and of the last colour."""
        if self.reading == "score":
            return colour_domain(self.values, stretch=self.stretch)
        return z_domain(self.values)

    @property
    def mask(self) -> Mask:
        """The mask that was asked for, and what it says."""
        values = self.request.rows.values
        return mask_of(self.mask_by, self.result, values, self.nulls, self.intervals)

    @property
    def struck(self) -> Bool[np.ndarray, "layers_a layers_b"]:
        """Which cells are struck out; those that show nothing are not."""
        struck = self.mask.struck
        if struck is None:
            return np.zeros(self.result.scores.shape, dtype=bool)
        return struck & np.isfinite(self.values)

    @property
    def tables(self) -> dict[str, Float64[np.ndarray, "layers_a layers_b"]]:
        """What is known of each cell beside its score and chance level, by name.

        Where there is a mask, `struck` is 1 of what it strikes out, and 0 of the rest.
        """
        known = [each.tables() for each in (self.nulls, self.intervals) if each is not None]
        if self.mask.struck is not None:
            has_value = np.isfinite(self.result.scores)
            known.append({"struck": np.where(has_value, self.mask.struck, np.nan)})
        return {name: table for tables in known for name, table in tables.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the tables: what a cross says."""
        return () if self.mask.struck is None else (self.mask.says,)

    @property
    def title(self) -> str:
        """What the values are, in full: ``z over rows of debiased linear CKA``."""
        title = title_of(self.result)
        return title if self.reading == "score" else f"{self.reading} of {title}"

    @property
    def file_stem(self) -> str:
        """What a file of it is called, without its ending."""
        result = self.result
        parts = (result.measure, result.model_a, result.model_b, result.estimator)
        name = "_".join(part for part in parts if part)
        return "".join(c if c.isalnum() or c in "_.-" else "-" for c in name)

    def facts(self) -> dict[str, Any]:
        """Return all that is to be known of the numbers, but not the numbers, as plain values."""
        plain = as_plain_values(self.result)
        drawn: dict[str, Any] = {
            "reading": self.reading,
            "stretch": self.stretch,
            "mask": self.mask_by,
            "mask_says": self.mask.says,
        }
        for name, found, drawing in (
            ("type_null", self.nulls, ("permutations",)),
            ("interval", self.intervals, ("speakers", "draws")),
        ):
            if found is not None:
                said = ("level", "estimator", "rows", "types", *drawing, "seed")
                drawn[name] = {each: getattr(found, each) for each in said}
        return {name: value for name, value in plain.items() if name not in _OF_EACH_CELL} | {
            "shown": drawn,
            "written_by": f"LayerScope {version('layerscope')}",
        }
