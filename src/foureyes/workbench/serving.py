"""Serves one workspace: prepares its database, asks for the first officer, runs the ASGI application.

Loopback by default. Never serves a workspace whose preparation failed, never prints a password.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import uvicorn
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import call_command
from django.db import DatabaseError

from foureyes.engine.catalogue import Workspace
from foureyes.engine.errors import UsageError, WorkspaceDamaged, WorkspaceError
from foureyes.engine.loading import without_sweeps
from foureyes.workbench.workers import supervise

if TYPE_CHECKING:
    from foureyes.workbench.accounts.models import Officer
    from foureyes.workbench.audit.queries import Verified

SETTINGS = "foureyes.workbench.settings.workspace"
OWN_DATABASE = "workbench.sqlite"
"""In the workspace, where no PostgreSQL is named."""
TRIES = 3
FREE_SECONDS = 10.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - named to be refused without a host list

Ask = Callable[[str], str]
Say = Callable[[str], None]
FirstOfficer = tuple[str, str] | str | None


def serve(
    workspace_path: Path,
    host: str = "127.0.0.1",
    port: int = 8404,
    *,
    database_url: str | None = None,
    workbench_database_url: str | None = None,
    workers: int = 1,
    first_officer: FirstOfficer = None,
    ask: Ask = input,
    ask_secret: Ask = getpass.getpass,
    say: Say = print,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the workspace until Ctrl-C.

    Args:
        workspace_path: Folder of an existing workspace.
        host: Address to listen on; its name is accepted in the browser's address line.
        port: Port to listen on; 0 picks a free one.
        database_url: SQLAlchemy URL of the engine's catalogue; None means the one in the workspace.
        workbench_database_url: `postgresql://` address of the workbench's own database; None means SQLite in
            the workspace.
        workers: Processes that answer; more than one with PostgreSQL alone.
        first_officer: Name of the first officer (the password is asked), or name and password where nobody
            is at the terminal. Ignored when there are officers already.
        ask: Asks a question on the terminal.
        ask_secret: The same without echo.
        say: Prints one line.
        on_ready: Called with the address when the server accepts connections.

    Raises:
        UsageError: no workspace there, the first officer was refused, the port is taken, or several workers
            are asked for without PostgreSQL.
        WorkspaceError: the workbench's database or key cannot be used.
    """
    several = workers > 1
    if several:
        _check_shareable(workbench_database_url or os.environ.get("FOUREYES_WORKBENCH_DATABASE", ""))
    prepare(workspace_path, host, database_url=database_url, workbench_database_url=workbench_database_url)
    if host not in LOOPBACK:
        say("Not on loopback: passwords and pictures travel unencrypted unless a proxy in front adds HTTPS.")
    make_first_officer(first_officer, ask=ask, ask_secret=ask_secret, say=say)
    if several:
        _wait_free(host, port)
    # With several workers it holds the port and hears nothing: a port of which nobody knows whose it is.
    with listen(host, port, shared=several, accepting=not several) as listener:
        port = listener.getsockname()[1]
        address = f"http://{_in_url(host)}:{port}/"
        ready = on_ready or (lambda url: say(f"Serving {url} - stop with Ctrl-C."))
        if several:
            supervise(workers, host, port, lambda: ready(address))
            return
        ready(address)
        with contextlib.suppress(KeyboardInterrupt):
            run(listener)


def load() -> None:
    """Load the application: a second or two."""
    _asgi()


def run(listener: socket.socket, on_ready: Callable[[], object] = lambda: None) -> None:
    """Serve the workspace that the settings name until SIGTERM or Ctrl-C; `on_ready` when it answers."""
    server = _server(
        uvicorn.Config(
            _asgi(),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        ),
        on_ready,
    )
    server.run(sockets=[listener])


def application(workspace_path: Path) -> Any:
    """The ASGI application of a workspace, prepared, for a server of one's own."""
    prepare(workspace_path)
    return _asgi()


def prepare(
    workspace_path: Path,
    host: str = "127.0.0.1",
    *,
    database_url: str | None = None,
    workbench_database_url: str | None = None,
) -> None:
    """Set Django up for the workspace and bring its database up to date. Once per process.

    Raises:
        UsageError: there is no workspace, or all addresses are listened on without a host list.
        WorkspaceError: the workbench's database or key cannot be used.
    """
    workspace = Workspace.open(workspace_path)
    _name(workspace, database_url, workbench_database_url)
    os.environ["FOUREYES_HOSTS"] = _hosts(host)
    os.environ.setdefault("FOUREYES_SECOND_FACTOR", "optional" if host in LOOPBACK else "required")
    try:
        # Password hashes lie in it: nobody else on this machine reads them.
        (workspace.path / OWN_DATABASE).touch(mode=0o600)
        with without_sweeps():
            django.setup()
            call_command("migrate", verbosity=0, interactive=False)
    except (ImproperlyConfigured, DatabaseError, OSError) as error:
        raise WorkspaceError(f"The workbench cannot start: {error}") from error


def verify_record(
    workspace_path: Path, *, expected_head: str = "", workbench_database_url: str | None = None
) -> Verified:
    """Walk the audit record of a workspace from its first entry. Makes no tables and changes none.

    Args:
        workspace_path: Folder of an existing workspace.
        expected_head: Hash of an entry that was kept elsewhere; it must be in the record.
        workbench_database_url: as for `serve`.

    Raises:
        UsageError: there is no workspace, or it has no record.
        WorkspaceDamaged: the record is broken; the message names the first entry that is not whole.
        WorkspaceError: the workbench's database cannot be read.
    """
    workspace = Workspace.open(workspace_path)
    _name(workspace, None, workbench_database_url)
    elsewhere = workbench_database_url or os.environ.get("FOUREYES_WORKBENCH_DATABASE")
    if not elsewhere and not (workspace.path / OWN_DATABASE).exists():
        raise UsageError(
            f"The workspace {workspace.path} has no audit record: it was never served, or {OWN_DATABASE} "
            "was taken away."
        )
    try:
        with without_sweeps():
            django.setup()
        found = _walked(expected_head)
    except (ImproperlyConfigured, DatabaseError, OSError) as error:
        raise WorkspaceError(f"The audit record cannot be read: {error}") from error
    if found.problem:
        raise WorkspaceDamaged(f"The audit record is broken: {found.problem}.")
    return found


def make_first_officer(
    given: FirstOfficer = None,
    *,
    ask: Ask = input,
    ask_secret: Ask = getpass.getpass,
    say: Say = print,
) -> None:
    """Make the first officer where there is none: as given, else asked on the terminal.

    Raises:
        UsageError: the name or password given was refused, or three tries on the terminal were.
    """
    from foureyes.workbench.accounts import queries  # noqa: PLC0415 - models need Django prepared
    from foureyes.workbench.audit.officers import first_officer  # noqa: PLC0415 - as above

    if queries.anyone_yet():
        return
    known = given if isinstance(given, tuple) else None
    if known is None:
        say("No officer yet. Choose a name and a password of at least 12 characters for the first.")
    for left in range(TRIES - 1, -1, -1):
        try:
            username, password = known or _asked(given if isinstance(given, str) else "", ask, ask_secret)
            first_officer(username, password)
        except ValidationError as refused:
            why = " ".join(refused.messages)
            if known is not None or not left:
                raise UsageError(f"The first officer was not made: {why}") from refused
            say(why)
        else:
            say(f"Officer {username} made.")
            return


def add_officer(
    username: str,
    password: str | None,
    agency: str,
    country: str = "",
    *,
    holds_workspace: bool = False,
    roles: Collection[str] = (),
    must_change_password: bool = False,
    ask_secret: Ask = getpass.getpass,
) -> tuple[Officer, bool]:
    """Make an officer of a unit in a prepared workspace; gives them, and whether the unit is new.

    Args:
        username: Unique in this workspace.
        password: None has it asked twice.
        agency: Name of the unit; made where there is none of this name and country.
        country: Two letters of ISO 3166-1, or empty.
        holds_workspace: For the first officer: their unit holds the workspace and sees all of it.
        roles: What they are here to do; where none is named, an expert, and the first officer all that one
            person at a laptop needs.
        must_change_password: They choose their own password at their first sign-in.
        ask_secret: Asks a question on the terminal without echo.

    Raises:
        UsageError: name, password or unit was refused, or nobody is at the terminal.
    """
    from foureyes.workbench.audit.officers import another_officer  # noqa: PLC0415 - models need Django prepared

    try:
        secret = _typed_twice(ask_secret) if password is None else password
        return another_officer(
            username,
            secret,
            agency,
            country,
            holding=holds_workspace,
            roles=roles,
            must_change_password=must_change_password,
        )
    except EOFError as error:
        raise UsageError(
            "Nobody is at the terminal to type the password: give it in FOUREYES_PASSWORD."
        ) from error
    except ValidationError as refused:
        raise UsageError(f"The officer was not made: {' '.join(refused.messages)}") from refused


def officer_roles(username: str, roles: Collection[str] | None = None) -> list[str]:
    """The roles of an officer of a prepared workspace, in order; gives exactly these first, where not None.

    Raises:
        UsageError: there is no such officer, or nobody would administer any more.
    """
    from foureyes.workbench.audit.officers import roles_at_terminal  # noqa: PLC0415 - as above

    try:
        return roles_at_terminal(username, roles)
    except ValidationError as refused:
        raise UsageError(f"The roles were not changed: {' '.join(refused.messages)}") from refused


def reset_officer(username: str) -> int:
    """Unlock an officer and take their second factors away; gives how many there were.

    Raises:
        UsageError: there is no such officer.
    """
    from foureyes.workbench.audit.officers import reset_at_terminal  # noqa: PLC0415 - as above

    try:
        return reset_at_terminal(username)
    except ValidationError as refused:
        raise UsageError(" ".join(refused.messages)) from refused


def release_list(number: int, proposal: int) -> None:
    """Check, in a prepared workspace, that a second officer confirmed the export of a list, and record it.

    Raises:
        UsageError: there is no such proposal, it is about something else, or nobody confirmed it.
    """
    from foureyes.workbench.editions.actions import NotDone, release  # noqa: PLC0415 - models need Django prepared

    try:
        release(proposal, {"what": "hash-list", "list": number})
    except NotDone as refused:
        raise UsageError(str(refused)) from refused


def officers() -> list[Officer]:
    """Every officer of a prepared workspace, with their units."""
    from foureyes.workbench.accounts.queries import all_officers  # noqa: PLC0415 - models need Django prepared

    return all_officers()


def _name(workspace: Workspace, database_url: str | None, workbench_database_url: str | None) -> None:
    """Name the workspace to the settings, which read the environment."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    os.environ["FOUREYES_WORKSPACE"] = str(workspace.path)
    given = {"FOUREYES_CATALOGUE_URL": database_url, "FOUREYES_WORKBENCH_DATABASE": workbench_database_url}
    os.environ.update({name: value for name, value in given.items() if value})


def _walked(expected_head: str) -> Verified:
    from foureyes.workbench.accounts.queries import anyone_yet  # noqa: PLC0415 - models need Django set up
    from foureyes.workbench.audit.queries import verify  # noqa: PLC0415 - as above

    found = verify(expected_head)
    if not found.entries and not found.problem and anyone_yet():
        return replace(found, problem="Entry 1 is missing, and there are officers, whose making is recorded")
    return found


def _hosts(host: str) -> str:
    """Hosts that browsers may name: those of FOUREYES_HOSTS, and the one listened on."""
    named = [one.strip() for one in os.environ.get("FOUREYES_HOSTS", "").split(",") if one.strip()]
    if host in EVERYWHERE:
        if not named:
            raise UsageError(
                f"Listening on {host} needs FOUREYES_HOSTS: the hosts that officers type, with commas."
            )
        return ",".join(named)
    return ",".join(dict.fromkeys([*named, _in_url(host)]))


def _asked(name: str, ask: Ask, ask_secret: Ask) -> tuple[str, str]:
    try:
        username = name or ask("User name: ").strip()
        password = _typed_twice(ask_secret)
    except EOFError as error:
        raise UsageError(
            "Nobody is at the terminal to choose the first officer: start `foureyes serve` once by hand."
        ) from error
    return username, password


def _typed_twice(ask_secret: Ask) -> str:
    password, again = ask_secret("Password: "), ask_secret("Password again: ")
    if password != again:
        raise ValidationError("The two passwords differ.")
    return password


def _asgi() -> Any:
    with without_sweeps():
        from foureyes.workbench.asgi import application as asgi  # noqa: PLC0415 - only once Django is prepared

    return asgi


def _server(config: uvicorn.Config, on_ready: Callable[[], object]) -> uvicorn.Server:
    """A server that ends its live channels first: they would keep it waiting at its end."""
    from foureyes.workbench.live.route import service  # noqa: PLC0415 - only once Django is prepared

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                on_ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await service.stop()
            await super().shutdown(sockets)

    return Server(config)


def listen(host: str, port: int, *, shared: bool = False, accepting: bool = True) -> socket.socket:
    """A socket on the port; `shared` with other processes of the same account that say so, too.

    Raises:
        UsageError: the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        if accepting:
            listener.listen()
        # Connections inherit it. asyncio sets it only on sockets that it made: without it every answer of two
        # writes (head, body) waits for the reader's delayed acknowledgement, 40 ms on Linux.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"Cannot listen on {host} port {port} ({error.strerror}): choose another with --port."
        ) from error
    return listener


def _wait_free(host: str, port: int) -> None:
    """Wait for workers of a server that was killed: they end within seconds. Another server does not.

    Raises:
        UsageError: somebody else listens there.
    """
    until = time.monotonic() + FREE_SECONDS
    while True:
        try:
            listen(host, port).close()
        except UsageError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)  # nothing tells when a port becomes free
        else:
            return


def _check_shareable(database_url: str) -> None:
    """Raise UsageError where several processes would not hear of each other."""
    if not database_url:
        raise UsageError(
            "Several workers need PostgreSQL (--workbench-database): on SQLite one process would not learn "
            "who is on a series in another. Serve with one."
        )
    if not hasattr(socket, "SO_REUSEPORT"):
        raise UsageError("Several workers on one port are not possible on this system: serve with one.")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
