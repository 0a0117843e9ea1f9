"""The commands about hash lists and changes as their user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.typed import Run
from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import DecisionKind
from foureyes.engine.settings import EngineSettings
from foureyes.workbench import ruling
from workbench.filled import fill
from workbench.prepared import with_database
from workbench.processes import COMMAND, python

ONE, TWO = made_up.media(1).digests, made_up.media(2).digests


@pytest.fixture
def run(foureyes: Run, filled: Path) -> Run:
    return lambda *arguments: foureyes(*arguments, *(() if "-w" in arguments else ("-w", filled)))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    workspace = Workspace.create(tmp_path / "workspace")
    with Catalogue.open(workspace, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        catalogue.commit(source, [made_up.taken(f"{seed}.jpg", seed) for seed in (1, 2, 3)])
    return workspace.path


@pytest.fixture
def digests(tmp_path: Path) -> Path:
    file = tmp_path / "digests.txt"
    file.write_text(f"{ONE.md5}\nno digest\n{TWO.sha1}\n")
    return file


def test_nothing_held_is_said_with_what_to_do(run: Run) -> None:
    assert "foureyes hashlist add FILE" in run("hashlist", "list").out
    assert run("hashlist", "list", "--json").out.strip() == "[]"
    assert run("changes").out == "Nothing changed since.\n"
    unknown = run("hashlist", "show", 4)
    assert unknown.code == 2
    assert "There is no list 4" in unknown.err


PROPOSED = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
serving.make_first_officer(("ida", "correct horse battery"), say=lambda line: None)
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.actions import confirm, propose_list_export
ida = Officer.objects.get()
lena = make_officer("lena", "correct horse battery", ida.unit)
confirm(lena, propose_list_export(ida, "1", "for the partner that sent it").id)
propose_list_export(ida, "2", "for another")
"""


def test_a_list_beyond_h1_leaves_only_by_a_confirmed_proposal(
    run: Run, digests: Path, tmp_path: Path, filled: Path
) -> None:
    added = ("--name", "shared", "--kind", "known", "--origin", "EC3", "--handling", "H2")
    assert run("hashlist", "add", digests, *added).code == 0
    refused = run("hashlist", "export", 1, tmp_path / "out.txt")
    assert refused.code == 2
    assert "a second officer confirms it" in refused.err
    # In processes of their own: Django is set up for one workspace in each.
    proposed = python(PROPOSED, with_database(filled))
    assert proposed.returncode == 0, proposed.stderr
    asked = ("hashlist", "export", 1, tmp_path / "out.txt", "-w", filled, "--proposal")
    unconfirmed = python(COMMAND, *asked, 2)
    assert "no confirmed proposal of this export" in unconfirmed.stderr
    assert not (tmp_path / "out.txt").exists()
    assert "Wrote 2 records" in python(COMMAND, *asked, 1).stdout


RULED_BY_TWO = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
serving.make_first_officer(("ida", "correct horse battery"), say=lambda line: None)
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.actions import confirm
from foureyes.workbench.editions.effects import AFTERWARDS
from foureyes.workbench.series import actions
from foureyes.workbench import ruling
AFTERWARDS.clear()  # grouping anew is not what is asked about
ida = Officer.objects.get()
waits = actions.decide(ida, sys.argv[2], "merge", [], sys.argv[3], "the same chair")
confirm(make_officer("lena", "correct horse battery", ida.unit), waits.proposal.id)
assert ruling.ALONE_AT_MOST == actions.ALONE_AT_MOST
"""


def test_large_rulings_take_two_officers_where_a_workbench_is(run: Run, tmp_path: Path) -> None:
    own = fill(tmp_path / "of-many").path
    named = sorted(json.loads(run("series", "-w", own, "--json").out), key=lambda one: -len(one["members"]))
    large, other, small = named[0]["id"], named[1]["id"], named[2]["id"]
    first = [one["sha256"] for one in named[0]["members"]]
    assert len(first) > ruling.ALONE_AT_MOST
    # Nobody else works here yet: one person rules.
    ruling.refuse_alone(own, DecisionKind.MERGE, [len(first), 1], 0)
    proposed = python(RULED_BY_TWO, with_database(own), large, other)
    assert proposed.returncode == 0, proposed.stderr
    back = python(COMMAND, "decide", "withdraw", 1, "-m", "no", "-w", own)
    assert (back.returncode, "two take it back there" in back.stderr) == (2, True)
    for asked in (
        ("merge", large, small),
        ("split", large, first[0]),
        ("does-not-belong", large, *first[: ruling.ALONE_AT_MOST + 1]),
    ):
        refused = run("decide", *asked, "-m", "alone", "-w", own)
        assert (refused.code, "Decide it in the workbench" in refused.err) == (2, True), asked
    ruling.refuse_alone(own, DecisionKind.DOES_NOT_BELONG, [len(first)], ruling.ALONE_AT_MOST)


def test_a_list_from_adding_to_withdrawing(run: Run, digests: Path, tmp_path: Path) -> None:
    added = run("hashlist", "add", digests, "--name", "nsrl", "--kind", "irrelevant", "--origin", "NIST")
    assert added.code == 0, added.err
    assert "record 2, line 2:" in added.err
    assert "List 1 is added: nsrl, irrelevant, digests, 2 records, 1 left out." in added.out
    assert "2 media are on it" in added.out
    assert "2 media are set aside as irrelevant" in added.out

    assert "nsrl" in run("hashlist", "list").out
    shown = run("hashlist", "show", 1).out
    assert "1.jpg" in shown
    assert "2.jpg" in shown
    assert "md5" in shown
    assert "1 record could not be taken" in shown
    assert "2 media set aside as irrelevant; 1 hash list held." in run("status").out
    assert "2 media set aside" in run("series").out

    exported = tmp_path / "out.txt"
    assert "Wrote 2 records" in run("hashlist", "export", 1, exported).out
    assert exported.read_text().split() == [ONE.md5, TWO.sha1]
    assert run("hashlist", "export", 1, exported).code == 2

    assert run("hashlist", "withdraw", 1).code == 2
    assert "List 1 (nsrl) is withdrawn." in run("hashlist", "withdraw", 1, "--reason", "a mistake").out
    assert "nsrl (withdrawn)" in run("hashlist", "list").out
    assert "a mistake" in run("hashlist", "show", 1).out
    assert "0 media set aside" not in run("status").out
    again = run("hashlist", "withdraw", 1, "--reason", "once more")
    assert again.code == 2
    assert "withdrawn already" in again.err


def test_changes_since_a_number_a_day_or_nonsense(run: Run, digests: Path) -> None:
    assert run("hashlist", "add", digests, "--name", "n", "--kind", "known").code == 0
    every = [json.loads(line) for line in run("changes", "--json").out.splitlines()]
    assert [one["kind"] for one in every] == ["list-added", "listed", "listed"]
    assert {one["sha256"] for one in every} == {None, ONE.sha256, TWO.sha256}
    newer = run("changes", "--since", every[0]["id"], "--json").out.splitlines()
    assert [json.loads(line) for line in newer] == every[1:]
    assert len(run("changes", "--since", "2020-01-01").out.splitlines()) == 3
    assert run("changes", "--since", "2999-01-01").out == "Nothing changed since.\n"
    wrong = run("changes", "--since", "yesterday")
    assert wrong.code == 2
    assert "neither the number of a change nor a date" in wrong.err


def test_a_strict_list_is_refused_whole(run: Run, digests: Path) -> None:
    refused = run("hashlist", "add", digests, "--name", "n", "--kind", "known", "--strict")
    assert refused.code == 11
    assert "line 2" in refused.err
    assert "foureyes hashlist add FILE" in run("hashlist", "list").out


def test_json_for_machines(run: Run, digests: Path) -> None:
    said = run("hashlist", "add", digests, "--name", "n", "--kind", "known", "--no-link", "--json").out
    lines = [json.loads(line) for line in said.splitlines()]
    faults = [one["fault"] for one in lines if "fault" in one]
    assert [one["line"] for one in faults] == [2]
    (held,) = (one["list"] for one in lines if "list" in one)
    assert (held["id"], held["records"], held["faults"]) == (1, 2, 1)
    assert json.loads(run("hashlist", "list", "--json").out)[0]["media"] == 0
    assert json.loads(run("hashlist", "show", 1, "--json").out)["left_out"] == faults


def test_a_negative_ruling_from_making_to_withdrawing(run: Run) -> None:
    made = run("decide", "negative", "1.jpg", "--reason", "a logo")
    assert made.code == 0, made.err
    assert "Decision 1 is recorded: negative." in made.out
    assert "negative" in run("decide", "list").out
    assert run("decide", "withdraw", 1, "--reason", "no logo").code == 0
    kinds = [json.loads(line)["kind"] for line in run("changes", "--json").out.splitlines()]
    assert kinds == ["ruled-negative", "ruling-withdrawn"]


def test_a_list_may_come_before_any_media(run: Run, digests: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    for kind in ("irrelevant", "negative"):
        ended = run("hashlist", "add", digests, "--name", kind, "--kind", kind, "-w", empty)
        assert ended.code == 0, ended.err
        assert "No media that is held is on it." in ended.out
