"""The application as it is deployed, served from a process of its own: `python -m tests.journeys.app_process`.

It prints where it listens. What it is comes from its environment alone, as on AWS; only its patience is its own: a test
server that shares two processors with all that talk to it would else be taken for a store that is down.
"""

from __future__ import annotations

from botocore.config import Config

from app import app
from chalicelib.api.local import serve_locally
from chalicelib.storage import connect

PATIENT = Config(connect_timeout=10, read_timeout=20)


def main() -> None:
    """Serve on a free port of this machine until the process ends."""
    connect.SHORT = connect.SHORT.merge(PATIENT)
    server = serve_locally(app, "127.0.0.1", 0)
    print(f"Listening on {server.url}", flush=True)  # noqa: T201  # the parent reads it
    server.serve_forever()


if __name__ == "__main__":
    main()
