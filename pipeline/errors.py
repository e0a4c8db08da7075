"""Every error that LayerScope raises on purpose; its text is written to be shown to a person.

LayerScopeError
├── CorpusError         a corpus folder that cannot be opened
├── AlignmentError      an alignment file that cannot be read, or that does not fit its audio
│   └── MissingAlignmentError    an utterance that no file aligns
├── AudioError          a recording that cannot be read
├── ModelError          a model that does not exist, cannot be loaded or refuses its input
│   ├── AbsentModelError         a model that is not on this machine, but can be downloaded
│   └── DeviceMemoryError        a device without the memory for what it is given at once
├── AlignerError        a forced aligner that cannot be had, or that cannot align an utterance
├── SettingsError       settings that contradict each other or the models
├── RightsError         something that the person who asks may not do here
├── LimitError          more than this server lets people ask for
├── MatrixError         matrices that do not fit each other, or a file that holds none
├── SavedViewError      a saved view that is not there, may not be changed or does not fit
├── BackupError         a backup that cannot be made here, or that is none
├── BundleError         a bundle that cannot be made, or a folder that is none
├── EngineError         the engine that runs the work cannot be reached or started
└── TaskTimeError       a task that took longer than one may
"""

from pathlib import Path


class LayerScopeError(Exception):
    """What every LayerScope error is; says what was expected, what was found and what to do."""


class CorpusError(LayerScopeError):
    """A corpus folder that cannot be opened."""


class AlignmentError(LayerScopeError):
    """An alignment file that cannot be read, or that does not fit its audio.

    Parameters
    ----------
    path : Path
        The file.
    reason : str
        What is wrong in it.
    line : int, optional
        The line where reading stopped, counted from 1.
    """

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        self.path, self.reason, self.line = path, reason, line
        place = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{place}: {reason}")

    def __reduce__(self) -> tuple[type, tuple[Path, str, int | None]]:
        """Keep path, reason and line when the error travels between processes."""
        return type(self), (self.path, self.reason, self.line)


class MissingAlignmentError(AlignmentError):
    """An utterance that no file aligns."""


class AudioError(LayerScopeError):
    """A recording that cannot be read."""


class ModelError(LayerScopeError):
    """A model that does not exist, cannot be loaded or refuses its input."""


class AbsentModelError(ModelError):
    """A model that is not on this machine, but can be downloaded.

    Parameters
    ----------
    name : str
        What it was asked for as.
    source : str
        Where it can be had.
    """

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source
        super().__init__(
            f"{name} is not on this machine; run: python -m pipeline models fetch {name} (from "
            f"{source})"
        )

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Keep name and source when the error travels between processes."""
        return type(self), (self.name, self.source)


class DeviceMemoryError(ModelError):
    """A device without the memory for what it is given at once."""


class AlignerError(LayerScopeError):
    """A forced aligner that cannot be had, or that cannot align an utterance."""


class SettingsError(LayerScopeError):
    """Settings that contradict each other or the models."""


class RightsError(LayerScopeError):
    """Something that the person who asks may not do here."""


class LimitError(LayerScopeError):
    """More than this server lets people ask for."""


class MatrixError(LayerScopeError):
    """Matrices that do not fit each other, or a file that holds none."""


class SavedViewError(LayerScopeError):
    """A saved view that is not there, may not be changed or does not fit."""


class BackupError(LayerScopeError):
    """A backup that cannot be made here, or that is none."""


class BundleError(LayerScopeError):
    """A bundle that cannot be made, or a folder that is none."""


class EngineError(LayerScopeError):
    """The engine that runs the work cannot be reached or started."""


class TaskTimeError(LayerScopeError):
    """A task that took longer than one may.

    Parameters
    ----------
    limit_s : float
        How long it may take, in seconds.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(
            f"a task took longer than {limit_s / 60:g} minutes, which is the limit here "
            "(LAYERSCOPE_TASK_MINUTES); ask for less, or have the limit raised"
        )

    def __reduce__(self) -> tuple[type, tuple[float]]:
        """Keep the limit when the error travels between processes."""
        return type(self), (self.limit_s,)
