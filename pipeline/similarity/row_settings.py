"""Which tokens two models are compared on, and what of their vectors, as one value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from pipeline.errors import SettingsError
from pipeline.similarity.row_selection import RowSelection

Values = Literal["tokens", "type means", "within type", "within speaker"]
Control = Literal["mel", "duration", "speaker"]


@dataclass(frozen=True)
class RowSettings:
    """Every token as it is, by default.

    Attributes
    ----------
    where : tuple of (str, str)
        Only utterances that say so of themselves: ``("sex", "F")``, ``("speaker", "84")`` or
        anything else that the corpus knows. Of one name, any value is enough; of several, each has
        to be met.
    selection : RowSelection
        Which of their tokens.
    controls : tuple of {"mel", "duration", "speaker"}
        What is regressed out of the vectors first: the word's mean mel spectrum, how long it is,
        and its logarithm, or who says it.
    values : {"tokens", "type means", "within type", "within speaker"}
        Then, a token's vector, or the mean of its word type in place of all its tokens; or a
        token's vector less the mean of its type, or less that of its speaker.
    alphabetical : bool
        Whether the tokens of an utterance are in alphabetical order, as in the original study.
        Only measures that deal rows to folds depend on it.
    """

    where: tuple[tuple[str, str], ...] = ()
    selection: RowSelection = field(default_factory=RowSelection)
    controls: tuple[Control, ...] = ()
    values: Values = "tokens"
    alphabetical: bool = False

    def __post_init__(self) -> None:
        if self.values not in get_args(Values):
            raise SettingsError(
                f"the rows' values are {self.values!r}; choose one of {', '.join(get_args(Values))}"
            )
        if unknown := set(self.controls) - set(get_args(Control)):
            raise SettingsError(
                f"{', '.join(sorted(unknown))} cannot be regressed out; choose among "
                f"{', '.join(get_args(Control))}"
            )

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for keys, jobs and provenance."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RowSettings":
        """Return the settings that `as_dict` described, also when it went through JSON."""
        selection = dict(values["selection"])
        if selection["vocabulary"] is not None:
            selection["vocabulary"] = tuple(selection["vocabulary"])
        return cls(
            where=tuple((name, value) for name, value in values["where"]),
            selection=RowSelection(**selection),
            controls=tuple(values["controls"]),
            values=values["values"],
            alphabetical=values["alphabetical"],
        )

    def __str__(self) -> str:
        """Return the settings for people, in a few words.

        Examples
        --------
        >>> str(RowSettings())
        'all tokens'
        >>> str(RowSettings((("sex", "F"),), RowSelection(most_per_type=5), ("mel",), "type means"))
        'type means of at most 5 tokens a type, sex F, less mel'
        """
        tokens = str(self.selection)
        said = tokens if self.values == "tokens" else f"{self.values} of {tokens}"
        said += "".join(f", {name} {value}" for name, value in self.where)
        return f"{said}, less {', '.join(self.controls)}" if self.controls else said
