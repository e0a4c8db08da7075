"""What is asked of a forced aligner: the words of which corpus, by what, into which folder."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import AlignerError
from pipeline.forced_alignment.aligner import ALIGNERS
from pipeline.forced_alignment.result_folder import Summary, named_folder, read_summary
from pipeline.library import refuse_outside


@dataclass(frozen=True)
class AlignmentRequest:
    """The alignment of a corpus.

    Attributes
    ----------
    corpus : str
        Name of a registered corpus.
    aligner : str
        As :data:`~pipeline.forced_alignment.aligner.ALIGNERS` lists them.
    alignments : str or None
        Folder of the alignments there are; None: the registered one.
    """

    corpus: str
    aligner: str
    alignments: str | None = None

    @property
    def out(self) -> str:
        """Name of the folder for the result; of each corpus and aligner its own.

        Examples
        --------
        >>> AlignmentRequest("talks", "ctc:/models/Wav2Vec2 German").out
        'talks-wav2vec2-german'
        """
        kind, _, place = self.aligner.partition(":")
        made_by = re.sub(r"[^a-z0-9._]+", "-", (Path(place).name or kind).lower())
        return f"{self.corpus}-{made_by.strip('-')}"

    @property
    def folder(self) -> Path:
        """Where the result will lie."""
        return named_folder(self.out)

    def as_dict(self) -> dict[str, str | None]:
        """Return the task of the engine's job."""
        return {**asdict(self), "out": self.out}

    def check(self) -> None:
        """Do nothing if the aligner can be asked for.

        Raises
        ------
        AlignerError
            If there is no such aligner, or its model lies outside of the folders that are allowed.
        """
        kind, _, place = self.aligner.partition(":")
        known: Mapping[str, bool] = {name.partition(":")[0]: ":" in name for name in ALIGNERS}
        if kind not in known or bool(place) != known[kind]:
            raise AlignerError(
                f"there is no aligner {self.aligner!r}; choose one of {', '.join(ALIGNERS)}"
            )
        if place:
            refuse_outside(Path(place), AlignerError)
            if not Path(place).is_absolute() or not Path(place).is_dir():
                raise AlignerError(
                    f"{place}: expected the whole path of a CTC model's folder; check it"
                )

    def summary(self) -> Summary | None:
        """Return what the folder says of its alignments, None before there are any.

        Raises
        ------
        AlignerError
            If that file is damaged.
        """
        return read_summary(self.folder)
