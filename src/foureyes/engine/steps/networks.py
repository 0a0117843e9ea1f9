"""Networks of a unit's own choice that look for scenes: named in the workspace, checked before they count.

They are files that the unit has; none is fetched, shipped or copied. What one finds alike is a candidate, and
says nothing by itself until labels have shown what it is worth.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from foureyes.engine import fingerprints
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.catalogue.durable import write_durably
from foureyes.engine.errors import ModelUnusable, UsageError
from foureyes.engine.fingerprints import networks
from foureyes.engine.matching import scenes
from foureyes.engine.settings import LAYOUTS, EngineSettings, SceneModel, SceneSettings

FILE = "networks.json"
SHIPPED = "EfficientNet-Lite0"
_CHANNELS = 3
_RANK = 4
_SIDES = range(16, 2049)


class Stated(NamedTuple):
    """What a workspace names, and what people should know of it."""

    scenes: SceneSettings
    notes: tuple[str, ...] = ()


class Listed(NamedTuple):
    """One network that linking goes by."""

    kind: str
    """Of its vectors."""
    file: str
    """Path of its file; the name of the shipped one."""
    vectors: int
    """Held."""
    numbers: int
    """Of each vector; 0 where it cannot be used."""
    wrong: str
    """Why it cannot be used; empty where it can."""


def stated(workspace: Workspace) -> Stated:
    """The networks of a workspace. A file that cannot be read names none, and that is said."""
    path = workspace.calibrations / FILE
    try:
        held = json.loads(path.read_text("utf-8"))
        models = tuple(_model(one) for one in held["networks"])
        instead = bool(held["instead"])
    except FileNotFoundError:
        return Stated(SceneSettings())
    except (OSError, ValueError, TypeError, KeyError):
        return Stated(
            SceneSettings(), (f"{path} cannot be read: the shipped network looks for scenes alone",)
        )
    first, beside = (models[:1], models[1:]) if instead else ((), models)
    return Stated(SceneSettings(model=first[0] if first else None, beside=beside))


def applied(settings: EngineSettings, workspace: Workspace) -> EngineSettings:
    """Settings with the networks of a workspace; as they are where they name some, or switch scenes off."""
    if settings.scenes != SceneSettings():
        return settings
    return replace(settings, scenes=stated(workspace).scenes)


def going_by(workspace: Workspace) -> Iterator[str]:
    """What linking goes by, wherever the files lie."""
    named = stated(workspace).scenes
    yield "shipped" if named.model is None else ""
    for one in _all_of(named):
        yield f"{fingerprints.kind_of(one)} {one.floor} {one.likely}"


def listed(catalogue: Catalogue, settings: EngineSettings) -> list[Listed]:
    """Every network that linking goes by, each loaded once to see whether it can be used."""
    rows = {kind: count for kind, _, count in catalogue.fingerprint_kinds()}
    models = {fingerprints.kind_of(one): one for one in _all_of(settings.scenes)}
    told = []
    for scene in fingerprints.scenes_of(settings):
        wrong, numbers = "", 0
        try:
            scene.prepare()
            numbers = scene.value_bytes // 2
        except ModelUnusable as error:
            wrong = str(error)
        file = str(models[scene.name].path) if scene.name in models else SHIPPED
        told.append(Listed(scene.name, file, rows.get(scene.name, 0), numbers, wrong))
    return told


def add(workspace: Workspace, wanted: SceneModel, *, instead: bool) -> SceneModel:
    """Let linking go by a network from now on, beside the others or `instead` of the shipped one.

    What is not stated is filled in: an empty `sha256` by the file as it is, an empty `layout` and a `side` of
    0 by what the network says that it takes.

    Raises:
        UsageError: the file is missing, altered or no network, wants pictures in another way, or gives no
            vectors of what they show; or it is there already.
    """
    try:
        model = _completed(replace(wanted, path=wanted.path.absolute()))
        fingerprints.scene_of(model).prepare()
    except ModelUnusable as error:
        raise UsageError(str(error)) from error
    now = stated(workspace).scenes
    if fingerprints.kind_of(model) in {fingerprints.kind_of(one) for one in _all_of(now)}:
        raise UsageError(f"{model.path.name} is there already: `foureyes networks` lists it.")
    if instead and now.model is not None:
        raise UsageError(f"{now.model.path.name} stands in place of the shipped network: remove it first.")
    first = model if instead else now.model
    _write(workspace, SceneSettings(model=first, beside=now.beside if instead else (*now.beside, model)))
    if instead:
        scenes.forget_neighbours(workspace.scenes, (fingerprints.SCENE, fingerprints.Scene.version))
    return model


def remove(workspace: Workspace, named: str) -> SceneModel:
    """Let linking go by a network no longer; its vectors stay held.

    Args:
        workspace: of the network.
        named: kind of its vectors, or path or name of its file.

    Raises:
        UsageError: none is called so, or several are.
    """
    now = stated(workspace).scenes
    found = [
        one for one in _all_of(now) if named in {fingerprints.kind_of(one), str(one.path), one.path.name}
    ]
    if len(found) != 1:
        raise UsageError(f"{len(found) or 'No'} networks are called {named}: `foureyes networks` lists them.")
    (gone,) = found
    first = None if now.model == gone else now.model
    _write(workspace, SceneSettings(model=first, beside=tuple(one for one in now.beside if one != gone)))
    scenes.forget_neighbours(workspace.scenes, (fingerprints.kind_of(gone), fingerprints.Scene.version))
    return gone


def _all_of(named: SceneSettings) -> tuple[SceneModel, ...]:
    return (*(() if named.model is None else (named.model,)), *named.beside)


def _completed(wanted: SceneModel) -> SceneModel:
    """With what is not stated filled in. Raises ModelUnusable, and UsageError for what makes no sense."""
    if not wanted.sha256:
        wanted = replace(wanted, sha256=_digest(wanted.path))
    takes = networks.Network(networks.checked(wanted.path, wanted.sha256), output=wanted.output).takes
    model = replace(
        wanted, layout=wanted.layout or _layout(takes), side=wanted.side or _side(takes, wanted.layout)
    )
    if not (math.isfinite(model.floor) and -1.0 <= model.floor < model.likely < 1.0):
        raise UsageError("Of cosines the floor is under the likely one, and both are from -1 to under 1.")
    if model.side not in _SIDES:
        raise UsageError(f"A side has {_SIDES.start} to {_SIDES.stop - 1} pixels.")
    if 0.0 in model.deviation:
        raise UsageError("A deviation of 0 divides by nothing.")
    return model


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise ModelUnusable(f"The network's file {path} is missing.") from None
    except OSError as error:
        raise ModelUnusable(
            f"The network's file {path} cannot be read: {error.strerror or error}."
        ) from error


def _layout(takes: networks.Taken) -> str:
    """By what a network says of its input. Raises UsageError where that leaves it open."""
    if len(takes.shape) == _RANK:
        if takes.numbers == "tensor(uint8)" and takes.shape[-1] in {_CHANNELS, None}:
            return "nhwc-uint8"
        if takes.numbers == "tensor(float)":
            if takes.shape[-1] == _CHANNELS and takes.shape[1] != _CHANNELS:
                return "nhwc"
            if takes.shape[1] == _CHANNELS:
                return "nchw"
    raise UsageError(
        f"The network takes {takes.numbers} of {_words(takes)}: say with --layout how pictures are laid out "
        f"({', '.join(LAYOUTS)}); of no other kind can pictures be given to it."
    )


def _side(takes: networks.Taken, layout: str) -> int:
    """By what a network says of its input. Raises UsageError where it takes any size."""
    at = (1, 2) if (layout or _layout(takes)).startswith("nhwc") else (2, 3)
    sides = {takes.shape[one] for one in at if one < len(takes.shape)}
    if len(sides) == 1 and (side := sides.pop()) is not None:
        return side
    raise UsageError(f"The network takes {_words(takes)}: say with --side how many pixels it is to see.")


def _words(takes: networks.Taken) -> str:
    return " x ".join("any" if one is None else str(one) for one in takes.shape) or "no shape"


def _write(workspace: Workspace, named: SceneSettings) -> None:
    plain = [{**asdict(one), "path": str(one.path)} for one in _all_of(named)]
    text = json.dumps({"instead": named.model is not None, "networks": plain}, indent=1)
    write_durably(workspace.calibrations / FILE, text.encode())


def _model(held: dict[str, Any]) -> SceneModel:
    """Raises KeyError, TypeError or ValueError where it is not as it was written."""
    mean, deviation = (_three(held[name]) for name in ("mean", "deviation"))
    if held["layout"] not in LAYOUTS or not float(held["floor"]) < float(held["likely"]) < 1.0:
        raise ValueError(held["path"])
    return SceneModel(
        Path(str(held["path"])),
        str(held["sha256"]),
        int(held["side"]),
        mean,
        deviation,
        str(held["layout"]),
        bool(held["squeezed"]),
        bool(held["mirrored"]),
        str(held["output"]),
        float(held["floor"]),
        float(held["likely"]),
    )


def _three(numbers: list[float]) -> tuple[float, float, float]:
    red, green, blue = (float(one) for one in numbers)
    return red, green, blue
