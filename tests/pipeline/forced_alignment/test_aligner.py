import subprocess
import sys

import pytest

from pipeline.errors import AlignerError
from pipeline.forced_alignment import ALIGNERS, open_aligner


@pytest.mark.parametrize("name", ["", "mfa", "ctc", "ctc:", "pocketsphinx:en-us", "Pocketsphinx"])
def test_an_unknown_name_is_answered_with_the_names_there_are(name):
    with pytest.raises(AlignerError) as caught:
        open_aligner(name)
    assert f"there is no aligner {name!r}; choose one of {', '.join(ALIGNERS)}" == str(caught.value)


def test_naming_the_aligners_loads_none():
    code = (
        "import sys\nfrom pipeline.forced_alignment import ALIGNERS\n"
        "print([name for name in ('pocketsphinx', 'torch', 'transformers', 'librosa') "
        "if name in sys.modules], len(ALIGNERS))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout.split() == ["[]", "2"]
