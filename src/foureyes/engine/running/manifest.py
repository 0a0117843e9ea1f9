"""A stage of work as a manifest of tasks, each of which writes one file of a store.

The manifest is written first. A task is done when its file is there and whole, whoever wrote it and when:
so a stage that was killed goes on where it stood, on this executor or another. It knows nothing of what
tasks do.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from foureyes.engine.errors import UsageError, WorkspaceDamaged, WorkspaceTooNew
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.running.base import Executor, Task
from foureyes.engine.running.store import Place, Store
from foureyes.engine.running.watching import watched

MANIFEST = "manifest.json"
_FORM = 1
"""Of the manifest's file; a reader refuses any higher."""
_MANIFEST_BYTES_AT_MOST = 256 * 1024**2

Parameter = int | str | bool


@dataclass(frozen=True, slots=True)
class Piece:
    """One task of a stage: what it is asked, and the file that it writes. Doing it twice does no harm."""

    output: str
    """Name in the store; it names the task too."""
    arguments: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that decides what a stage's files hold. Where and how fast it runs is no part of it."""

    stage: str
    version: int
    """Of the stage: raised when the same parameters would give other files."""
    parameters: Mapping[str, Parameter]
    inputs: Mapping[str, str]
    """Name in the store to SHA-256."""
    pieces: tuple[Piece, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of it: files carry it, to be told from those of another run."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """As it lies in the store."""
        content = {
            "foureyes-manifest": _FORM,
            "stage": self.stage,
            "version": self.version,
            "parameters": dict(self.parameters),
            "inputs": dict(self.inputs),
            "pieces": [[piece.output, *piece.arguments] for piece in self.pieces],
        }
        return json.dumps(content, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, untrusted_content: bytes, where: str) -> Manifest:
        """Read one. Raises WorkspaceDamaged where it is none, WorkspaceTooNew where it is of a later form."""
        try:
            read = json.loads(untrusted_content)
            if read["foureyes-manifest"] > _FORM:
                raise WorkspaceTooNew(f"{where} was made by a newer Foureyes.")
            return cls(
                stage=_of(str, read["stage"]),
                version=_of(int, read["version"]),
                parameters={_of(str, name): _parameter(value) for name, value in read["parameters"].items()},
                inputs={_of(str, name): _of(str, digest) for name, digest in read["inputs"].items()},
                pieces=tuple(
                    Piece(_of(str, output), tuple(map(_parameter, arguments)))
                    for output, *arguments in read["pieces"]
                ),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise WorkspaceDamaged(f"{where} is no manifest: {type(error).__name__}.") from error


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How far a stage is, in pieces."""

    done: int
    of: int
    poisoned: int


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a run of a stage came to. It is complete when nothing is poisoned and it was not interrupted."""

    pieces: int
    kept: int
    """Files that earlier runs had left whole."""
    poisoned: Mapping[str, Fault]
    """Pieces that could not be done, by their output, with the reason."""
    interrupted: bool

    @property
    def complete(self) -> bool:
        """Whether every piece is there."""
        return not self.poisoned and not self.interrupted


def held_manifest(store: Store) -> Manifest | None:
    """The manifest that lies in a store, None where there is none yet.

    Raises:
        UsageError: there are files, but no manifest: the place is used for something else.
        WorkspaceDamaged, WorkspaceTooNew: it cannot be read.
    """
    end = store.end(MANIFEST, 0)
    where = f"{store.url.rstrip('/')}/{MANIFEST}"
    if end is None:
        if store.names():
            raise UsageError(f"{store.url} holds other files: name an empty place, or a new one.")
        return None
    if end.size > _MANIFEST_BYTES_AT_MOST:
        raise WorkspaceDamaged(f"{where} is no manifest: it has {end.size:,} bytes.")
    return Manifest.from_json(store.read(MANIFEST), where)


def begin(store: Store, manifest: Manifest) -> None:
    """Write the manifest, or see that the one that is there asks for the same.

    Raises:
        UsageError: another one is there; the message says in what they differ.
    """
    if held_manifest(store) is None and store.create(MANIFEST, manifest.to_json()):
        return
    held = held_manifest(store)
    if held is not None and held.to_json() != manifest.to_json():
        raise UsageError(
            f"{store.url} holds another run: {'; '.join(_differences(held, manifest))}. Name another place "
            "for this one, or ask for the same again to go on with that one."
        )


def run_stage(
    store: Store,
    place: Place,
    manifest: Manifest,
    executor: Executor,
    function: str,
    *,
    settings: tuple[object, ...] = (),
    is_whole: Callable[[Store, str], bool],
    show: Callable[[StageProgress], None] | None = None,
    stop: threading.Event | None = None,
) -> StageResult:
    """Do every piece whose file is not there or not whole. The manifest must have begun.

    `function` is the dotted `module:function` that does one: it is called where the executor sees fit, as
    `function(place, digest of the manifest, output, settings, *arguments of the piece)`.

    A piece that fails, or whose process died twice, is poisoned: named in the result, tried again by the
    next run. Raises an EngineError of a piece, since a full disk concerns them all.
    """
    told = show or (lambda _progress: None)
    wanted = stop or threading.Event()
    whole = {name for name in store.names() if name != MANIFEST}
    missing = [
        piece for piece in manifest.pieces if piece.output not in whole or not is_whole(store, piece.output)
    ]
    done = kept = len(manifest.pieces) - len(missing)
    poisoned: dict[str, Fault] = {}
    tasks = _tasks(missing, function, place, manifest.digest, settings)
    told(StageProgress(done, len(manifest.pieces), 0))
    for result in watched(executor, tasks, wanted) if missing else ():
        if result is not None:
            if is_whole(store, result.id):  # even if its process died right after
                done += 1
            else:
                poisoned[result.id] = result.error or Fault(FaultCode.TASK_DIED, "it ended without its file")
        told(StageProgress(done, len(manifest.pieces), len(poisoned)))
    interrupted = done + len(poisoned) < len(manifest.pieces)
    if done == len(manifest.pieces):
        store.tidy()
    return StageResult(len(manifest.pieces), kept, dict(sorted(poisoned.items())), interrupted)


def _tasks(
    pieces: list[Piece], function: str, place: Place, digest: str, settings: tuple[object, ...]
) -> Iterator[Task]:
    for piece in pieces:
        yield Task(piece.output, function, (place, digest, piece.output, settings, *piece.arguments))


def _differences(held: Manifest, asked: Manifest) -> Iterator[str]:
    """In words for people; the first kind of difference that explains the others."""
    if (held.stage, held.version) != (asked.stage, asked.version):
        yield f"{held.stage} of version {held.version}, not {asked.stage} of version {asked.version}"
        return
    for name in sorted(held.parameters.keys() | asked.parameters.keys()):
        there, here = held.parameters.get(name), asked.parameters.get(name)
        if there != here:
            yield f"{name} {there} there, {here} asked for"
    if held.inputs != asked.inputs:
        yield "it is over other input"
    elif held.parameters == asked.parameters:
        yield "it is cut into other pieces"


def _of(kind: type[Any], value: object) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value


def _parameter(value: object) -> Parameter:
    if not isinstance(value, int | str):
        raise TypeError
    return value
