"""How tests fill a record, hand it out and check it as somebody elsewhere would."""

from __future__ import annotations

from pathlib import Path

import workbench.cast  # noqa: F401 - sets Django up

# isort: split
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit import offline_verify
from foureyes.workbench.audit.actions import Did, append_many
from foureyes.workbench.audit.checkpoints import signer
from foureyes.workbench.audit.exports import record_lines


def act(officer: Officer, times: int) -> None:
    things = [(f"media:{number:064x}", {"series": "S-AAAAAAAA"}) for number in range(times)]
    append_many(officer, Did.MEDIA_REVEALED, things)


def exported(tmp_path: Path, after: int = 0) -> Path:
    path = tmp_path / "record.jsonl"
    path.write_text("".join(record_lines(after)), encoding="utf-8")
    return path


def checked(path: Path, *kept: Path, key: str = "") -> str:
    keys = [offline_verify.key_of(key or signer().public)]
    return offline_verify.check(path, keys, [str(one) for one in kept])


def copied(path: Path, to: Path) -> Path:
    kept = to / "kept"
    kept.mkdir(exist_ok=True)
    copy = kept / path.name
    copy.write_text(path.read_text("utf-8"), encoding="utf-8")
    return copy
