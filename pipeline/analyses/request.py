"""An analysis as it is asked for: names and settings only, so that it fits in a link or a job."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest
from pipeline.similarity.result import Estimator


@dataclass(frozen=True)
class AnalysisRequest:
    """What is asked of a comparison.

    Attributes
    ----------
    comparison : ComparisonRequest
    name : str
        One of :data:`pipeline.analyses.ANALYSES`.
    layers : (int, int) or None
        A layer of each model; None for what is of all layers.
    estimator : {"debiased", "biased"}
    settings : mapping of str to plain values
        Those that differ from the analysis' defaults.
    """

    comparison: ComparisonRequest
    name: str
    layers: tuple[int, int] | None = None
    estimator: Estimator = "debiased"
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.estimator not in get_args(Estimator):
            raise SettingsError(f"the estimator is {self.estimator!r}; choose debiased or biased")

    def as_dict(self) -> dict[str, Any]:
        """Return the request as plain values."""
        return {**asdict(self), "settings": dict(self.settings)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "AnalysisRequest":
        """Return the request that `as_dict` described, also when it went through JSON."""
        layers = values["layers"]
        return cls(
            ComparisonRequest.from_dict(values["comparison"]),
            values["name"],
            None if layers is None else (layers[0], layers[1]),
            values["estimator"],
            values["settings"],
        )
