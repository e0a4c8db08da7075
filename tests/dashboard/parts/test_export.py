import subprocess
import sys


def test_what_draws_is_loaded_when_a_figure_is_asked_for_and_costs_no_garbage_collection():
    code = (
        "import gc, sys\n"
        "from dashboard.parts import export\n"
        "print('matplotlib' in sys.modules)\n"
        "export.load_drawing()\n"
        "print('matplotlib' in sys.modules, len(gc.get_objects()) < 10_000)\n"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True", "True"]
