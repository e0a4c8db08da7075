"""Files of models on the Hugging Face hub, as far as they are on this machine."""

from pathlib import Path


def cached_file(repo_id: str, filename: str) -> Path | None:
    """Return where the hub's cache holds a file, None where it does not; nothing is downloaded."""
    # Heavy to import, and most names need no look into the cache.
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415

    found = try_to_load_from_cache(repo_id, filename)
    return Path(found) if isinstance(found, str) else None
