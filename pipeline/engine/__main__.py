"""The engine's process: ``python -m pipeline.engine``."""

import logging
import signal
import sys
import threading

from pipeline.configuration import home, open_store
from pipeline.engine.lifecycle import serving, wanted_file
from pipeline.engine.service import connected_client, serve
from pipeline.errors import EngineError

log = logging.getLogger("pipeline.engine")


def main() -> int:
    """Serve the home folder until told to stop; 1 if another engine does already."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    folder, stop = home(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with serving(folder):
            wanted_file(folder).touch()
            log.info("engine starts in %s", folder)
            with open_store() as store, connected_client() as client:
                serve(folder, store, client, stop)
    except EngineError as error:
        log.info("%s", error)
        return 1
    log.info("engine stops")
    return 0


if __name__ == "__main__":
    sys.exit(main())
