"""Say by the exit status whether the web server of this machine answers, under its base path."""

import os
import sys
import urllib.request


def main() -> int:
    """Return 0 if it answers."""
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    path = f"/{base}/_stcore/health" if base else "/_stcore/health"
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=4).close()
    except OSError as error:
        print(f"the server does not answer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
