"""What lists of models say of each, and which models a search finds."""

from dataclasses import dataclass

from pipeline.models.spec import ModelSpec


@dataclass(frozen=True)
class ModelSearch:
    """Which models are looked for.

    Attributes
    ----------
    text : str
        What the name, a fact or the description holds, in any case; empty: anything.
    family : str or None
        The family, or what stands before the colon of the name.
    modality : str or None
        What the model reads.
    on_disk : bool
        Whether it has to be on this machine.
    """

    text: str = ""
    family: str | None = None
    modality: str | None = None
    on_disk: bool = False

    def finds(self, spec: ModelSpec) -> bool:
        """Return whether a model is one of them."""
        searched = f"{' '.join(cells(spec))} {spec.description}".casefold()
        return (
            self.family in (None, spec.family, spec.name.partition(":")[0])
            and self.modality in (None, spec.modality)
            and (spec.on_disk or not self.on_disk)
            and self.text.strip().casefold() in searched
        )


def cells(spec: ModelSpec) -> tuple[str, ...]:
    """Return a model's row: name, family, what it reads, layers, dims, where it is, licence."""
    here = "on disk" if spec.on_disk else download_size(spec)
    dims = str(spec.dims or "any")
    layers = str(len(spec.layer_names))
    return (spec.name, spec.family, spec.modality, layers, dims, here, spec.licence)


def layers_are_known(spec: ModelSpec) -> bool:
    """Return whether the layers can be told; of some models only once they are here."""
    return spec.on_disk or spec.dims > 0


def download_size(spec: ModelSpec) -> str:
    """Return how much is downloaded, in words."""
    return f"{spec.download_bytes / 1e6:,.0f} MB" if spec.download_bytes else "not here"


def fetch_command(name: str) -> str:
    """Return the command that downloads a model."""
    return f"python -m pipeline models fetch {name}"


def facts(spec: ModelSpec) -> dict[str, str]:
    """Return all that is known of a model but its layers' names, in words."""
    stride = f"{spec.stride_samples} samples ({spec.stride_ms:g} ms)" if spec.stride_ms else "none"
    return {
        "name": spec.name,
        "description": spec.description,
        "family": spec.family,
        "reads": spec.modality,
        "options": ", ".join(f"{key} {value}" for key, value in spec.options.items()) or "none",
        "sample rate": f"{spec.sample_rate_hz} Hz" if spec.sample_rate_hz else "none",
        "stride": stride,
        "dims": str(spec.dims or "as many as the corpus has words or speakers"),
        "download": download_size(spec) if spec.download_bytes else "of unknown size, or none",
        "on disk": "yes" if spec.on_disk else f"no; run: {fetch_command(spec.name)}",
        "source": spec.source,
        "licence": spec.licence,
        "fingerprint": spec.fingerprint,
        "layers": str(len(spec.layer_names)),
    }
