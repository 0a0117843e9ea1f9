"""The commands `foureyes kinds` and `foureyes networks`: what this workspace links by. Thin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from foureyes.cli import printing
from foureyes.cli.frame import (
    EXISTING_OR_NOT,
    asking,
    commands,
    engine_settings,
    json_option,
    workspace_option,
)
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Workspace
from foureyes.engine.settings import LAYOUTS, SceneModel

UNSTATED = SceneModel(Path(), "", 0)
"""What counts where nothing else is said."""


@commands.command()
@click.option("--off", "turn_off", multiple=True, metavar="KIND", help="Go by this kind of link no longer.")
@click.option("--on", "turn_on", multiple=True, metavar="KIND", help="Go by it again.")
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def kinds(
    turn_off: tuple[str, ...], turn_on: tuple[str, ...], as_json: bool, database: str | None, folder: Path
) -> None:
    """List the kinds of links, and switch some off or on. It counts from the next linking on.

    Below them stand the networks that look for scenes: `foureyes networks` adds one of your own.
    """
    held = pipeline.kinds_of_links(Workspace.open(folder), turn_off, turn_on)
    looking = _listed(folder, database)
    if as_json:
        printing.put({"kinds": [one._asdict() for one in held], "networks": looking})
        return
    rows = [(one.name, one.group, f"{one.at_most:.1f}", "on" if one.on else "off") for one in held]
    printing.say_table(("kind", "evidence", "at most", ""), rows)
    click.echo()
    _say_networks(looking)
    if turn_off or turn_on:
        click.echo("`foureyes link` links by it.")


@commands.group("networks", invoke_without_command=True)
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
@click.pass_context
def networks_of_scenes(context: click.Context, as_json: bool, database: str | None, folder: Path) -> None:
    """List the networks that look for scenes, or add one of your own: any ONNX file that makes vectors.

    What one of them finds alike is verified point by point; by itself a network of yours links nothing until
    `foureyes calibrate` has shown what its cosines are worth.
    """
    if context.invoked_subcommand is None:
        looking = _listed(folder, database)
        printing.put({"networks": looking}) if as_json else _say_networks(looking)


@networks_of_scenes.command("add")
@click.argument("path", type=EXISTING_OR_NOT, metavar="FILE.onnx")
@click.option("--sha256", default="", help="What its SHA-256 must be; if not given, what it is now.")
@click.option("--instead", is_flag=True, help="In place of the shipped network, not beside it.")
@click.option("--side", type=int, default=0, help="Pixels it is to see; if not given, what its input says.")
@click.option("--layout", type=click.Choice(LAYOUTS), help="Of pictures; if not given, what its input says.")
@click.option(
    "--mean", type=float, nargs=3, default=UNSTATED.mean, help="Taken off red, green, blue (0 to 255)."
)
@click.option("--deviation", type=float, nargs=3, default=UNSTATED.deviation, help="Divides what is left.")
@click.option("--own-shape", is_flag=True, help="Show pictures in their own shape, not squeezed to a square.")
@click.option(
    "--as-it-is", is_flag=True, help="Show each picture once, not its mirror image too: half the cost."
)
@click.option("--output", default="", help="Name of the output that is the vector, where there are several.")
@click.option(
    "--floor",
    type=float,
    default=UNSTATED.floor,
    show_default=True,
    help="Cosine of candidates: one stranger in ten.",
)
@click.option(
    "--likely",
    type=float,
    default=UNSTATED.likely,
    show_default=True,
    help="Cosine that one stranger in 300 reaches.",
)
@workspace_option
def add_network(path: Path, folder: Path, **stated: Any) -> None:
    """Look for scenes by the network in FILE.onnx too. It counts from the next ingest or linking on.

    Its file stays where it is and is loaded only while its SHA-256 is what it was. It is tried on two drawn
    pictures first. Pictures that are held get their vectors of thumbnails with the next `foureyes link`.
    """
    added = pipeline.add_network(Workspace.open(folder), _model(path, stated), instead=stated["instead"])
    click.echo(f"{added.path} looks for scenes {'alone' if stated['instead'] else 'too'}.")
    click.echo(f"Its SHA-256 is pinned: {added.sha256}.")
    click.echo("`foureyes link` looks by it at what is held.")


@networks_of_scenes.command("remove")
@click.argument("network")
@workspace_option
def remove_network(network: str, folder: Path) -> None:
    """Look by a NETWORK (its kind, or its file) no longer. Its vectors stay held."""
    gone = pipeline.remove_network(Workspace.open(folder), network)
    click.echo(f"{gone.path} looks for scenes no longer. `foureyes link` links without it.")


def _model(path: Path, stated: dict[str, Any]) -> SceneModel:
    return SceneModel(
        path,
        stated["sha256"],
        stated["side"],
        stated["mean"],
        stated["deviation"],
        stated["layout"] or "",
        not stated["own_shape"],
        not stated["as_it_is"],
        stated["output"],
        stated["floor"],
        stated["likely"],
    )


def _listed(folder: Path, database: str | None) -> list[dict[str, Any]]:
    with asking(folder, database) as catalogue:
        settings = engine_settings(database, 1, without_cage=False)
        return [one._asdict() for one in pipeline.networks_of_scenes(catalogue, settings)]


def _say_networks(looking: list[dict[str, Any]]) -> None:
    rows = [
        (one["kind"], one["file"], f"{one['vectors']:,}", one["wrong"] or f"{one['numbers']:,} numbers each")
        for one in looking
    ]
    printing.say_table(("vectors", "network", "held", ""), rows)
