"""The command `foureyes review`: the next best question, and an answer that binds. Thin.

It reads answers line by line, so that it works through a pipe as well as on a terminal.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from foureyes.cli import naming, printing
from foureyes.cli.frame import (
    asking,
    commands,
    json_option,
    relink,
    workbench_database_option,
    workspace_option,
)
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Question, QuestionKind, counted

KEYS = "[y]es  [n]o  [s]kip  [u]ndo  [q]uit  [?] help: "
HELP = """\
  y  they belong together, and stay so
  n  they do not, and no later linking joins them
  s  leave it for another time
  u  take back your last answer of this sitting
  q  stop; what was answered takes effect
See the two side by side in the workbench (`foureyes serve`). An answer is a ruling like any other:
`foureyes decide list` shows it, `foureyes decide withdraw NUMBER` takes it back."""
SHOWN = 3
"""Other media of each group that are named beside the pair."""
NOTHING = "Nothing to ask: no link is in doubt, and no series nearly joins another."


@commands.command()
@click.option("--list", "only_list", is_flag=True, help="List the questions and ask none.")
@click.option("--series", "about", help="Only about this series.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Questions listed.")
@click.option("--officer", default=getpass.getuser, show_default="your account", help="Who answers.")
@workbench_database_option
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def review(
    only_list: bool,
    about: str | None,
    limit: int,
    officer: str,
    as_json: bool,
    workbench_database: str | None,
    database: str | None,
    folder: Path,
) -> None:
    """Ask what settles most: do these belong together?

    Each question shows the pair that speaks most for it, with reasons and paths; the answer counts for all
    media of both groups. Answers are rulings with your name and the evidence you saw.
    """
    with asking(folder, database) as catalogue:
        asked = pipeline.questions(catalogue, loners=True)
        if about is not None:
            wanted = naming.named_series(catalogue, about).id
            asked = [one for one in asked if wanted in {one.series, one.home}]
        if only_list or as_json:
            _list(catalogue, asked, limit, as_json=as_json)
            return
        if not asked:
            click.echo(NOTHING)
            return
        sitting = _Sitting(catalogue, folder, officer, workbench_database)
        try:
            _ask(sitting, asked)
        except KeyboardInterrupt:
            _say_later(len(sitting.answered))
            raise
    if sitting.answered:
        relink(folder, database, f"{counted(len(sitting.answered), 'answer')} recorded.")
    else:
        click.echo("No answer was recorded.")


def _say_later(answered: int) -> None:
    if answered:
        said, takes = counted(answered, "answer"), "it takes" if answered == 1 else "they take"
        click.echo(f"\n{said} recorded: {takes} effect with the next `foureyes link`.", err=True)


@dataclass
class _Sitting:
    """Who answers what."""

    catalogue: Catalogue
    folder: Path
    officer: str
    workbench_database: str | None
    answered: list[tuple[int, Question]] = field(default_factory=list)
    """Number of the decision, and what was asked; the last one last."""


def _ask(sitting: _Sitting, asked: Sequence[Question]) -> None:
    """One question after another, until there is none, or nobody answers any more."""
    waiting, number = list(asked), 0
    while True:
        waiting = pipeline.open_questions(sitting.catalogue, waiting)
        if number >= len(waiting):
            click.echo("That was the last question." if waiting or sitting.answered else NOTHING)
            return
        question = waiting[number]
        _show(sitting.catalogue, question, len(waiting) - number)
        match _key():
            case "q" | "":
                return
            case "y" | "n" as key:
                number += not _answer(sitting, question, together=key == "y")
            case "s":
                number += 1
            case "u":
                waiting[number:number] = _undone(sitting)
            case _:
                click.echo(HELP)


def _key() -> str:
    """The first letter of a line; nothing where no more lines come."""
    click.echo(KEYS, nl=False)
    line = sys.stdin.readline()
    if not line:
        click.echo()
        return ""
    return line.strip().lower()[:1] or "?"


def _answer(sitting: _Sitting, question: Question, *, together: bool) -> bool:
    """Whether it was recorded; what takes two officers is not."""
    from foureyes.workbench import ruling as rights  # noqa: PLC0415 -- Django takes a second that other commands save

    said = "; ".join(f"{one.kind} {one.strength:.1f}" for one in question.links)
    reason = f"reviewed: {'yes' if together else 'no'}, {question.a[:8]} and {question.b[:8]}: {said}"
    try:
        ruled = pipeline.ruling_of(sitting.catalogue, question, together=together)
        rights.refuse_alone(
            sitting.folder, ruled.kind, ruled.sizes, len(ruled.media), sitting.workbench_database
        )
        decision = pipeline.answer(sitting.catalogue, ruled, officer=sitting.officer, reason=reason)
    except UsageError as error:
        click.echo(f"foureyes: {error}", err=True)
        return False
    sitting.answered.append((decision.id, question))
    click.echo(f"Decision {decision.id}: {decision.kind.value}.")
    return True


def _undone(sitting: _Sitting) -> list[Question]:
    """Take back the last answer; its question, which comes next again."""
    if not sitting.answered:
        click.echo("There is no answer of this sitting to take back.")
        return []
    number, question = sitting.answered.pop()
    sitting.catalogue.withdraw_decision(number, officer=sitting.officer, reason="undone in review")
    click.echo(f"Decision {number} is withdrawn.")
    return [question]


def _show(catalogue: Catalogue, question: Question, left: int) -> None:
    click.echo(f"\n{counted(left, 'question')} left. {_words(catalogue, question)}")
    for end, group in ((question.a, question.few), (question.b, _others(catalogue, question))):
        others = [one for one in group if one != end][:SHOWN]
        click.echo(f"  {end[:12]}  {printing.first_path(catalogue, end)}")
        for one in others:
            click.echo(f"      with {printing.first_path(catalogue, one)}")
        if len(group) > SHOWN + 1:
            click.echo(f"      and {len(group) - SHOWN - 1:,} more")
    for link in question.links:
        click.echo(f"  {link.kind}, strength {link.strength:.1f}: {printing.clean(link.evidence)}")
    if question.pairs > 1:
        click.echo(f"  {counted(question.pairs - 1, 'other pair')} of the two groups linked as well")


def _others(catalogue: Catalogue, question: Question) -> list[str]:
    few = set(question.few)
    members = catalogue.members_of(question.series) if question.series else ()
    return [one for one in members if one not in few]


def _words(catalogue: Catalogue, question: Question) -> str:
    few = counted(len(question.few), "media", "media")
    series = _named(catalogue, question.series)
    if question.kind is QuestionKind.JOINT:
        return f"Within {series}: do these {few} belong to the other {question.others:,}?"
    if not question.series:
        return "Two media of no series: do they belong together?"
    if question.home is None:
        return f"Does this media belong to {series}, of {question.others:,} media?"
    home = _named(catalogue, question.home)
    return f"Are {home}, of {few}, and {series}, of {question.others:,}, one series?"


def _named(catalogue: Catalogue, series_id: str) -> str:
    found = catalogue.series_summary(series_id) if series_id else None
    return series_id if found is None else f"{found.id} ({printing.clean(found.name)})"


def _list(catalogue: Catalogue, asked: Sequence[Question], limit: int, *, as_json: bool) -> None:
    if as_json:
        printing.put([{**asdict(one), "key": one.key, "worth": round(one.worth, 3)} for one in asked])
        return
    if not asked:
        click.echo(NOTHING)
        return
    rows = []
    for one in asked[:limit]:
        reasons = ", ".join(f"{link.kind} {link.strength:.1f}" for link in one.links)
        where = one.series if one.home in {None, one.series} else f"{one.home} {one.series}"
        paths = (printing.first_path(catalogue, end) for end in (one.a, one.b))
        rows.append((f"{one.worth:.1f}", one.kind.value, where, f"{len(one.few):,}", reasons, *paths))
    printing.say_table(("worth", "asked", "series", "media", "reasons", "a", "b"), rows)
    if len(asked) > limit:
        click.echo(f"… and {len(asked) - limit:,} more: --limit {len(asked)} shows all.")
