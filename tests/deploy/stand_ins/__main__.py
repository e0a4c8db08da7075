"""Stand-ins for what the guide's commands call that needs rights, a daemon or the network.

``python stand_ins NAME ARGUMENT ...`` does what somebody notices who types the command: it fails
where a file is missing that the real program needs, or that its user cannot read. What it has done
is in a JSON file, so that the next one knows.
"""

import sys
from contextlib import suppress

import host
from cluster import kubectl
from containers import docker

OTHERS = {"docker": docker, "kubectl": kubectl, "python3": host.python, "apt-get": host.apt_get}

if __name__ == "__main__":
    name, *words = sys.argv[1:]
    with suppress(BrokenPipeError):
        (OTHERS.get(name) or getattr(host, name))(*words)
