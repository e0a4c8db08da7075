"""The engine's process: ``python -m pipeline.engine``."""

import logging
import signal
import sys
import threading
from collections.abc import Sequence

from pipeline import logs
from pipeline.configuration import home, open_store
from pipeline.engine.job_queue import open_queue
from pipeline.engine.lifecycle import serving, wanted_file
from pipeline.engine.service import serve
from pipeline.errors import EngineError

log = logging.getLogger("pipeline.engine")


def main(arguments: Sequence[str]) -> int:
    """Serve the home folder until told to stop; 1 if another engine does already.

    Parameters
    ----------
    arguments : sequence of str
        The lock, where the process that starts this one holds it already.
    """
    logs.set_up(logging.INFO)
    folder, stop = home(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with serving(folder, int(arguments[0]) if arguments else None):
            wanted_file(folder).touch()
            log.info("engine starts in %s", folder)
            with open_store() as store, open_queue() as queue:
                serve(folder, queue, store, stop)
    except EngineError as error:
        log.info("%s", error)
        return 1
    log.info("engine stops")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
