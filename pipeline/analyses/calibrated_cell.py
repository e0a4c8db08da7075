"""How to read one cell: what words give by chance, how sure it is, and how high it could be."""

from dataclasses import dataclass, field

from cache import Record
from pipeline.analyses.analysis import CAME_LATER, Analysis, Stored, Subject
from pipeline.similarity.bootstrap import bootstrap
from pipeline.similarity.calibration import (
    Calibration,
    calibration_as_json,
    calibration_from_json,
)
from pipeline.similarity.split_half import Halves, check_halves, split_half
from pipeline.similarity.type_null import Within, check_within, type_null


@dataclass(frozen=True)
class CellSettings:
    """How often is drawn.

    Attributes
    ----------
    permutations : int
        Of word types, for the null.
    draws : int
        Of types and speakers, for the interval.
    splits : int
        Of tokens, for the ceiling.
    seed : int
    level : float
        Of the interval.
    within : {"all", "frequency"}
        Which types exchange their vectors in the null: any two, or those that are about equally
        frequent.
    halves : {"tokens", "speakers"}
        Of what the ceiling's halves are: of speakers, what a speaker does to all tokens is noise.
    """

    permutations: int = 200
    draws: int = 1000
    splits: int = 20
    seed: int = 0
    level: float = 0.95
    within: Within = field(default="all", metadata=CAME_LATER)
    halves: Halves = field(default="tokens", metadata=CAME_LATER)

    def __post_init__(self) -> None:
        check_within(self.within)
        check_halves(self.halves)


def calibrated_cell(subject: Subject, settings: CellSettings) -> Calibration:
    """Calibrate one pair of layers.

    There is no type null of what is within types, since no type differs from another there; the
    ceiling is that of tokens, which type means do not have.
    """
    matrices, how = subject.matrices, subject.plan.rows.values
    (a,), (b,) = matrices.a.layers, matrices.b.layers
    (name_a,), (name_b,) = subject.layer_names
    rows, seed = matrices.a.rows, settings.seed
    interval = bootstrap(
        *(a, b, rows.words, subject.drawn_speakers, subject.estimator),
        draws=settings.draws,
        seed=seed,
        level=settings.level,
    )
    null = ceiling = None
    if how != "within type":
        null = type_null(
            *(a, b, rows.words, subject.estimator),
            permutations=settings.permutations,
            seed=seed,
            within=settings.within,
        )
    if how == "tokens":
        speakers = rows.speakers if settings.halves == "speakers" else None
        ceiling = split_half(a, b, rows.words, speakers, splits=settings.splits, seed=seed)
    return Calibration(
        model_a=subject.plan.a.spec.name,
        model_b=subject.plan.b.spec.name,
        layer_a=name_a,
        layer_b=name_b,
        counts=subject.counts,
        row_digest=matrices.tokens.digest,
        type_null=null,
        interval=interval,
        split_half=ceiling,
        provenance=subject.provenance,
    )


def _to_record(found: Calibration) -> Stored:
    return {}, {"document": calibration_as_json(found)}


def _from_record(record: Record) -> Calibration:
    return calibration_from_json(record.metadata["document"])


CALIBRATION = Analysis("calibration", 1, CellSettings, calibrated_cell, _to_record, _from_record)
