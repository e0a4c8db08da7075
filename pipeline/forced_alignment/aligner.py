"""What a forced aligner is, and the table of those there are."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from pipeline.alignments import Alignment
from pipeline.errors import AlignerError

# How each is named, and what it is for.
ALIGNERS: Mapping[str, str] = MappingProxyType(
    {
        "pocketsphinx": "English, on this machine; needs the package pocketsphinx",
        "ctc:FOLDER": "any language, with a CTC model of Hugging Face transformers in FOLDER",
    }
)
# By name, so that a process that only lists aligners loads none.
_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "pocketsphinx": "pipeline.forced_alignment.pocketsphinx_aligner",
        "ctc": "pipeline.forced_alignment.ctc_aligner",
    }
)


@runtime_checkable
class Aligner(Protocol):
    """Finds the words of a known transcript in a recording.

    Attributes
    ----------
    name : str
        What made the times: program or model, with its version; for provenance.
    sample_rate_hz : int
        The rate at which it hears.
    """

    name: str
    sample_rate_hz: int

    def align(
        self,
        waveform: Float32[np.ndarray, " samples"],
        sample_rate: int,
        words: Sequence[str],
    ) -> Alignment:
        """Return an interval for each word, in order, labelled with the very word.

        Parameters
        ----------
        waveform : float32 array [shape=(samples,)]
        sample_rate : int
            In Hz; resampled if need be.
        words : sequence of str
            What is said.

        Raises
        ------
        AlignerError
            If a word cannot be pronounced or spelled, or the words cannot be found.
        """
        ...


def open_aligner(name: str) -> Aligner:
    """Return the aligner of a name as `ALIGNERS` lists them; nothing is downloaded.

    Raises
    ------
    AlignerError
        If there is no such aligner, or a package or a part of its model is missing.
    ModelError
        If the folder of a model cannot be opened.
    """
    kind, _, place = name.partition(":")
    if kind not in _MODULES or bool(place) != (kind == "ctc"):
        raise AlignerError(f"there is no aligner {name!r}; choose one of {', '.join(ALIGNERS)}")
    aligner: Aligner = import_module(_MODULES[kind]).load(place)
    return aligner
