"""The embedded run: `serve` starts the service with the shipped policies in force and shows a decision it has made.

What it shows went through HTTP. Nothing here is used on AWS.
"""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

from chalicelib import logs
from chalicelib.api.application import build_application, document_bytes, document_operation, operations_of
from chalicelib.api.examples import ASSESSMENT
from chalicelib.api.local import serve_locally
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Role
from chalicelib.authoring.lifecycle import NATIONAL_FORCE
from chalicelib.canonical import canonical, sha256_hex
from chalicelib.cli.policy_files import POLICY
from chalicelib.cli.shipped_policies import put_in_force
from chalicelib.errors import Invalid
from chalicelib.services import Services, local_issuer, services_for, utc_now
from chalicelib.settings import Settings

SHIPPED = Path("policies")
HOST = "127.0.0.1"
TOKEN_LIVES = timedelta(hours=12)


def add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `serve` takes."""
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on (default: 8000; 0: any)")
    add_data_argument(parser)


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Declare the folder of the embedded run."""
    parser.add_argument("--data", type=Path, default=Path(".data"), help="the folder of the store (default: .data)")


def embedded_services(folder: Path) -> Services:
    """The services of the embedded run on one folder."""
    settings = Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(folder.resolve())})
    logs.configure(settings.log_level)
    return services_for(settings)


def serve(arguments: argparse.Namespace) -> int:
    """Put the shipped policies in force where none is, assess a sample call through HTTP, keep serving until Ctrl-C."""
    services = embedded_services(arguments.data)
    services.drain()
    services.jobs.resume()
    shipped = [path.parent for path in sorted(SHIPPED.glob(f"*/{POLICY}"))]
    forces = [force for folder in shipped if (force := put_in_force(services, folder)) != NATIONAL_FORCE]
    if not forces:
        raise Invalid(f"There is no policy of a force in {SHIPPED.resolve()}.")
    try:
        server = serve_locally(build_application(services), HOST, arguments.port)
    except OSError as error:
        raise Invalid(f"Port {arguments.port} cannot be used: {error.strerror}. Choose another with PORT=.") from None
    for ending in (signal.SIGINT, signal.SIGTERM):  # also where a shell has started it deaf to Ctrl-C
        signal.signal(ending, signal.default_int_handler)
    server.start()
    token = _token(services, forces[0], Role.CONTROL_ROOM, Role.SUPERVISOR)
    _show_sample(server.url, token)
    _show_ways(server.url, token, _token(services, forces[0], Role.AUDITOR, Role.OPERATOR))
    try:
        server.wait()
    except KeyboardInterrupt:
        print("\nStopped. What was recorded is kept.")
    finally:
        server.shutdown()
        services.settle()
        services.own_queue.close()
    return 0


def write_openapi(arguments: argparse.Namespace) -> int:
    """Write the API document to a file, or print it: the very bytes that are served."""
    operations = operations_of(embedded_services(arguments.data))
    document = document_bytes((*operations, document_operation(operations)))
    if arguments.file is None:
        sys.stdout.buffer.write(document)
    else:
        arguments.file.write_bytes(document)
    return 0


def _token(services: Services, force: str, *roles: Role) -> str:
    principal = Principal(subject="local-user", client="local-cad", forces=(force,), roles=frozenset(roles))
    return local_issuer(services).token(principal, lifetime=TOKEN_LIVES)


def _show_sample(url: str, token: str) -> None:
    body = canonical(ASSESSMENT)
    request = urllib.request.Request(  # noqa: S310  # the address is that of the server just started here
        f"{url}/v1/assessments",
        body,
        {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            # Its own key: the first start records the decision, every later one is given the same bytes again.
            "Idempotency-Key": f"sample-{sha256_hex(body)[:40]}",
        },
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # as above
            again = answer.headers.get("Idempotent-Replayed") == "true"
            decision = json.load(answer)
    except urllib.error.HTTPError as error:
        raise Invalid(f"The sample call was refused: {error.read().decode()}") from None
    print(json.dumps(decision, indent=2, ensure_ascii=False))
    print(f"\n{decision['advice']['log']}\n")
    print(f"{'Recorded at an earlier start, and read again' if again else 'Recorded'}: {decision['decision']}")


def _show_ways(url: str, token: str, auditor: str) -> None:
    today = utc_now().date()
    body = json.dumps(ASSESSMENT, indent=1).replace("HC-20261123-0417", f"HC-20261123-{secrets.token_hex(3)}")
    print(
        f"""Listening on {url}   (API document: {url}/openapi.json)

Assess a call (the token is valid for 12 hours):

curl -s {url}/v1/assessments \\
  -H 'Authorization: Bearer {token}' \\
  -H 'Content-Type: application/json' -H 'Idempotency-Key: {secrets.token_hex(16)}' \\
  -d '{body}'

As an auditor, decisions of today:

curl -s '{url}/v1/decisions?from={today}T00:00:00Z&to={today + timedelta(days=1)}T00:00:00Z' \\
  -H 'Authorization: Bearer {auditor}'

Ctrl-C stops it.""",
        flush=True,
    )
