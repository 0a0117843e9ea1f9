"""The family of hash list formats: what the field's lists look like, read in a cage into columns.

Nothing here keeps a list: whoever asks gets batches one by one, in constant memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from foureyes.engine.errors import HashListError
from foureyes.engine.exchange.hash_lists import digests, icse, ncmec, nsrl, pdq, vics
from foureyes.engine.exchange.hash_lists.base import HashListFormat, Trouble
from foureyes.engine.exchange.hash_lists.caging import batches
from foureyes.engine.exchange.hash_lists.opening import opened, untrusted_head
from foureyes.engine.exchange.hash_lists.vics_writing import records_of, write_vics
from foureyes.engine.exchange.jurisdictions import Sense, jurisdiction, jurisdictions, meaning, sense
from foureyes.engine.model import ListBatch, ListFault

HASH_LIST_FORMATS: tuple[HashListFormat, ...] = (
    vics.FORMAT,
    icse.FORMAT,
    ncmec.FORMAT,
    nsrl.FORMAT,
    pdq.FORMAT,
    digests.FORMAT,
)
"""Every format, in the order in which they are asked whether a file is theirs."""

__all__ = [
    "HASH_LIST_FORMATS",
    "HashListFormat",
    "Sense",
    "jurisdiction",
    "jurisdictions",
    "meaning",
    "read",
    "records_of",
    "sense",
    "sniff",
    "write_vics",
]


def sniff(path: Path) -> str:
    """Name the format of a file by its first bytes, never by its name.

    Raises HashListError where it is empty, cannot be read or is of no known form.
    """
    with opened(path) as untrusted_fd:
        return _recognised(path, untrusted_head(path, untrusted_fd)).name


def read(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002 - the word that people know
    profile: str = "vics",
    strict: bool = False,
    allow_uncaged: bool = False,
    on_fault: Callable[[ListFault], None] = lambda _: None,
) -> Iterator[ListBatch]:
    """Read a list in a caged worker; give its records in order, some ten thousand at a time.

    Args:
        path: the file, unpacked.
        format: member of `HASH_LIST_FORMATS`; told by the first bytes where None.
        profile: the jurisdiction whose table says what the codes mean, 0 and 5 above all. Checked here, so
            that a wrong name fails before thirteen million records; `category` always has the code as stated.
        strict: refuse the list at the first broken record, rather than leave that out. What was given
            before stands with the caller: commit nothing until the end.
        allow_uncaged: read under resource limits only where no cage can be built.
        on_fault: told of every record that was left out, in order between the batches.

    Raises:
        HashListError: at once where the file cannot be read, is of no known form, or names are unknown;
            later where it is not what it began as, or is refused.
        CageError: no cage can be built here.
    """
    jurisdiction(profile)
    if format is not None and format not in {member.name for member in HASH_LIST_FORMATS}:
        names = ", ".join(member.name for member in HASH_LIST_FORMATS)
        raise HashListError(f"no format {format!r}; known: {names}")
    with opened(path) as untrusted_fd:
        head = untrusted_head(path, untrusted_fd)
        name = format or _recognised(path, head).name
    return _read(path, name, strict, allow_uncaged, on_fault)


def _read(
    path: Path, name: str, strict: bool, allow_uncaged: bool, on_fault: Callable[[ListFault], None]
) -> Iterator[ListBatch]:
    with opened(path) as untrusted_fd:
        for found in batches(path, untrusted_fd, name, allow_uncaged=allow_uncaged):
            if not isinstance(found, Trouble):
                yield found
                continue
            fault = found.fault
            if strict and found.broken:
                where = f"record {fault.record:,}, line {fault.line:,}"
                raise HashListError(f"{path}: {where}: {fault.detail}; refused as asked, nothing is taken")
            on_fault(fault)


def _recognised(path: Path, head: bytes) -> HashListFormat:
    found = next((member for member in HASH_LIST_FORMATS if member.recognises(head)), None)
    if found is None:
        forms = "; ".join(member.form for member in HASH_LIST_FORMATS)
        raise HashListError(f"{path} is no hash list of a known form. Known are: {forms}")
    return found
