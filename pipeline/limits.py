"""How much may be asked for on the pages: jobs at once, speech a job, and which models."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pipeline import variables
from pipeline.corpus.utterance import Utterance
from pipeline.errors import LimitError
from pipeline.models.spec import ModelSpec


@dataclass(frozen=True)
class Limits:
    """What may be asked for; None and no patterns: anything.

    Attributes
    ----------
    jobs, jobs_per_user : int or None
        That may wait or run at once.
    utterances : int or None
        Of a job.
    hours : float or None
        Of a job's speech.
    models : tuple of str
        Patterns of names or families, with ``*`` and ``?``.
    """

    jobs: int | None = None
    jobs_per_user: int | None = None
    utterances: int | None = None
    hours: float | None = None
    models: tuple[str, ...] = ()

    def refuse_more_jobs(self, askers: Collection[str], asker: str) -> None:
        """Do nothing if somebody may ask for one more job.

        Parameters
        ----------
        askers : collection of str
            Who asked for each job that waits or runs.
        asker : str

        Raises
        ------
        LimitError
            If they may not.
        """
        own = sum(name == asker for name in askers)
        if self.jobs_per_user is not None and own >= self.jobs_per_user:
            raise LimitError(
                f"jobs of yours that wait or run: {own:,}; no more than {self.jobs_per_user:,} at "
                "once are allowed here (LAYERSCOPE_MAX_JOBS_PER_USER): wait for one, or cancel one"
            )
        if self.jobs is not None and len(askers) >= self.jobs:
            raise LimitError(
                f"jobs that wait or run: {len(askers):,}; no more than {self.jobs:,} at once are "
                "allowed here (LAYERSCOPE_MAX_JOBS): try again when one has ended"
            )

    def refuse_larger(self, utterances: Collection[Utterance]) -> None:
        """Do nothing if a job may be about such utterances.

        Raises
        ------
        LimitError
            If they are too many, or too long.
        """
        if self.utterances is not None and len(utterances) > self.utterances:
            raise LimitError(
                f"this is about {len(utterances):,} utterances, and a job may be about "
                f"{self.utterances:,} here (LAYERSCOPE_MAX_UTTERANCES); choose fewer speakers, or "
                "a smaller corpus"
            )
        hours = sum(utterance.duration_s for utterance in utterances) / 3600
        if self.hours is not None and hours > self.hours:
            raise LimitError(
                f"this is about {hours:.3g} hours of speech, and a job may be about "
                f"{self.hours:g} here (LAYERSCOPE_MAX_HOURS); choose fewer speakers, or a smaller "
                "corpus"
            )

    def refuse_models(self, specs: Iterable[ModelSpec]) -> None:
        """Do nothing if a job may use such models.

        Raises
        ------
        LimitError
            If it may not use one.
        """
        for spec in specs:
            if self.models and not any(_fits(spec, pattern) for pattern in self.models):
                raise LimitError(
                    f"the model {spec.name} may not be used for jobs here; those that may are "
                    f"{', '.join(self.models)} (LAYERSCOPE_ALLOWED_MODELS)"
                )


def _fits(spec: ModelSpec, pattern: str) -> bool:
    return fnmatchcase(spec.name, pattern) or fnmatchcase(spec.family, pattern)


def read_limits() -> Limits:
    """Return the limits that the environment says.

    Raises
    ------
    SettingsError
        If a variable says no number.
    """
    return Limits(
        jobs=variables.whole_number("MAX_JOBS", "how many jobs may wait or run at once"),
        jobs_per_user=variables.whole_number(
            "MAX_JOBS_PER_USER", "how many jobs of one person may wait or run at once"
        ),
        utterances=variables.whole_number(
            "MAX_UTTERANCES", "how many utterances one job may be about"
        ),
        hours=variables.number("MAX_HOURS", "how many hours of speech one job may be about"),
        models=variables.listed("ALLOWED_MODELS"),
    )
