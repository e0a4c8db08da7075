"""What the options of a command ask for, as one value."""

import argparse

from pipeline.commands import options as shared
from pipeline.request import ComparisonRequest


def request_from(options: argparse.Namespace) -> ComparisonRequest:
    """Return the comparison that a command's options ask for; by CKA where they name no measure."""
    return ComparisonRequest(
        options.corpus,
        options.model1,
        options.model2,
        alignments=None if options.alignments is None else str(options.alignments),
        settings=shared.settings_from(options),
        rows=shared.rows_from(options),
        measure=getattr(options, "measure", "cka"),
    )
