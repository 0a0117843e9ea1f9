"""A private PostgreSQL server for a run of tests: own folder, own socket, no network, no durability unless asked."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

_PROGRAMS = ("initdb", "pg_ctl", "postgres")
_PORT = 5432
_OPTIONS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def find_programs() -> Path | None:
    """The folder of the newest server programs on this machine, or None."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if (pg_config := shutil.which("pg_config")) is not None:
        asked = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(asked.stdout.strip()))
    if (pg_ctl := shutil.which("pg_ctl")) is not None:
        candidates.append(Path(pg_ctl).resolve().parent)
    for folder in candidates:
        if all((folder / program).exists() for program in _PROGRAMS):
            return folder
    return None


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


class PrivatePostgresql:
    """One running server. It refuses to run as root, so root runs it as an unprivileged user."""

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        """`durable` has it write as a server of a taskforce does: for measuring."""
        self._programs = programs
        self._options = _OPTIONS if not durable else _OPTIONS | _DURABLE
        self._user = _unprivileged_user()
        # Not pytest's own folder: that one is closed to other users, and too long for a socket's name.
        self._folder = Path(tempfile.mkdtemp(prefix="fe-pg-"))
        self._numbers = itertools.count(1)
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)

    def start(self) -> None:
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = " ".join(f"-c {name}={value}" for name, value in self._options.items())
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{options} -k {self._folder}", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def create_database(self, template: str = "template0") -> str:
        """Make a database, empty or a copy of another that nobody is connected to, and give its name."""
        name = f"tests_{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        return f"postgresql://tests@/{database}?host={self._folder}&port={_PORT}"

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # no literal, and all ours

    def _run(self, program: str, *arguments: str) -> None:
        # The server keeps our ends of a pipe open for its whole life, so its output goes to a file.
        with (self._folder / "output").open("a+b") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=self._user,
                extra_groups=[] if self._user else None,
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                check=False,
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')}")


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("run by root, and there is no user `postgres` or `nobody` to run PostgreSQL as")
