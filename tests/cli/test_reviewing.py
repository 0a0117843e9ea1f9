"""`foureyes review` and `foureyes calibrate` as their user types them."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from cli.typed import Run
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import DecisionKind
from foureyes.engine.settings import EngineSettings
from made_pictures import made_picture

SETTINGS = EngineSettings(workers=1)
SCENES, SHOTS = 3, 4


@pytest.fixture
def run(foureyes: Run) -> Run:
    return lambda workspace, *arguments, typed="": foureyes(*arguments, "-w", workspace.path, typed=typed)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One body on one day in three scenes: three series that nearly join, hours apart."""
    folder = tmp_path_factory.mktemp("taken in") / "seized"
    for scene in range(SCENES):
        (folder / f"scene {scene}").mkdir(parents=True)
        for shot in range(SHOTS):
            picture = made_picture(scene * SHOTS + shot, exif=_exif(9 + 3 * scene, shot))
            (folder / f"scene {scene}" / f"{shot}.jpg").write_bytes(picture)
    workspace = Workspace.create(folder.parent / "workspace")
    pipeline.ingest(folder, workspace, SETTINGS, source="seized")
    return workspace.path


@pytest.fixture
def asked(taken_in: Path, tmp_path: Path) -> Workspace:
    """A copy of it: what one test rules binds no other."""
    return Workspace.open(shutil.copytree(taken_in, tmp_path / "workspace"))


def _exif(hour: int, minute: int) -> bytes:
    """One body, once a minute."""
    made = Image.Exif()
    made[ExifTags.Base.Make], made[ExifTags.Base.Model] = "Hersteller", "Modell 5"
    made.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: f"2020:06:01 {hour:02}:{minute:02}:07",
            ExifTags.Base.BodySerialNumber: "89642447",
        }
    )
    return made.tobytes()


@pytest.fixture
def nothing(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "empty")


def _sizes(workspace: Workspace) -> list[int]:
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        return sorted(len(one.members) for one in catalogue.all_series())


def test_nothing_to_ask_is_said(run: Run, nothing: Workspace) -> None:
    for options in ((), ("--list",)):
        ended = run(nothing, "review", *options)
        assert (ended.code, ended.out.count("Nothing to ask")) == (0, 1)


def test_an_answer_through_a_pipe_is_a_ruling_and_takes_effect(run: Run, asked: Workspace) -> None:
    assert _sizes(asked) == [4, 4, 4]
    ended = run(asked, "review", "--officer", "ines", typed="y\nn\nq\n")
    assert ended.code == 0
    assert "one series?" in ended.out
    assert "seized" not in ended.err
    assert "2 answers recorded." in ended.out
    assert _sizes(asked) == [4, 8]
    with Catalogue.open(asked, SETTINGS) as catalogue:
        merge, apart = catalogue.decisions()
    assert (merge.kind, apart.kind) == (DecisionKind.MERGE, DecisionKind.DOES_NOT_BELONG)
    assert merge.officer == "ines"
    assert merge.reason.startswith("reviewed: yes, ")
    assert "same-camera 4.0" in merge.reason


def test_an_answer_can_be_taken_back_and_its_question_comes_again(run: Run, asked: Workspace) -> None:
    ended = run(asked, "review", typed="?\ny\nu\nu\ns\nq\n")
    assert "they belong together, and stay so" in ended.out
    assert ended.out.count("is withdrawn") == 1
    assert "There is no answer of this sitting to take back." in ended.out
    assert "No answer was recorded." in ended.out
    assert _sizes(asked) == [4, 4, 4]


class Interrupted(io.StringIO):
    """A terminal at which somebody types these lines and then Ctrl-C."""

    def readline(self, size: int | None = -1, /) -> str:
        if not (line := super().readline(size)):
            raise KeyboardInterrupt
        return line


def test_who_interrupts_is_told_that_answers_take_effect_later(run: Run, asked: Workspace) -> None:
    ended = run(asked, "review", typed=Interrupted("y\n"))
    assert ended.code == 130
    assert "1 answer recorded: it takes effect with the next `foureyes link`." in ended.err
    assert _sizes(asked) == [4, 4, 4]
    run(asked, "link")
    assert _sizes(asked) == [4, 8]


def test_the_list_shows_what_would_be_asked(run: Run, asked: Workspace) -> None:
    ended = run(asked, "review", "--list", "--limit", 1)
    assert "same-camera 4.0" in ended.out
    assert "more: --limit" in ended.out
    (listed,) = [json.loads(run(asked, "review", "--json").out)]
    assert [one["worth"] for one in listed] == sorted((one["worth"] for one in listed), reverse=True)


def test_what_takes_two_officers_is_refused_here_too(
    run: Run, asked: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foureyes.workbench.ruling.ALONE_AT_MOST", 3)
    monkeypatch.setattr("foureyes.workbench.ruling.has_workbench", lambda _folder, _url: True)
    ended = run(asked, "review", typed="y\n")
    assert "takes two of them" in ended.err
    assert _sizes(asked) == [4, 4, 4]


def test_labels_show_what_they_would_change_and_change_nothing(
    run: Run, asked: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foureyes.engine.steps.calibrating.LABELLED_AT_LEAST", 10)
    labels = tmp_path / "labels.csv"
    rows = [f"scene {scene}/{shot}.jpg,{scene}" for scene in range(SCENES) for shot in range(SHOTS)]
    labels.write_text("\n".join(["path,group", *rows]))
    ended = run(asked, "calibrate", "--labels", labels, "--source", "seized")
    assert ended.code == 0
    assert "12 media are labelled, 12 of them belong with another one" in ended.out
    assert "same-camera" in ended.out
    assert "Nothing is changed" in ended.out
    (file,) = asked.calibrations.iterdir()
    assert json.loads(file.read_text())["formulas"]["same-camera"]["bench"]["true"] > 0
    used = run(asked, "calibrate", "--labels", labels, "--source", "seized", "--use")
    assert "calibrated" in used.out
    assert "labels.csv of seized" in run(asked, "link").out
    assert "The shipped calibration counts again." in run(asked, "calibrate", "--reset").out
    assert "calibrated" not in run(asked, "link").out


def test_labels_that_cannot_be_used_are_refused(
    run: Run, asked: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("name,group\n1.jpg,1\n")
    utf16 = tmp_path / "utf16.csv"
    utf16.write_text("path,group\n1.jpg,1\n", encoding="utf-16")
    for options, said in (
        ((), "Too few media are labelled as belonging with another one, by rulings of this workspace: 0,"),
        (("--labels", labels), "belong together"),
        (("--labels", labels, "--source", "seized"), "no columns"),
        (("--labels", tmp_path / "away.csv", "--source", "seized"), "cannot be read: No such file"),
        (("--labels", tmp_path, "--source", "seized"), "cannot be read: Is a directory."),
        (("--labels", utf16, "--source", "seized"), "cannot be read as CSV: it is not UTF-8."),
        (("--reset", "--use"), "--reset goes with no other option"),
    ):
        ended = run(asked, "calibrate", *options)
        assert ended.code == 2
        assert said in ended.err
        assert "Errno" not in ended.err
        assert "linking" not in ended.err, "what is too little is refused before anything is computed"
    rows = [f"scene {scene}/{shot}.jpg,1" for scene in range(SCENES) for shot in range(SHOTS)]
    labels.write_text("\n".join(["path,group", *rows]))
    monkeypatch.setattr("foureyes.engine.steps.calibrating.LABELLED_AT_LEAST", 10)
    assert "are of one group" in run(asked, "calibrate", "--labels", labels, "--source", "seized").err
    labels.write_text("path,group\nno such.jpg,1\n")
    for source, said in (("seized", "None of the paths"), ("laptop", "No source is called")):
        assert said in run(asked, "calibrate", "--labels", labels, "--source", source).err


def test_labels_of_a_spreadsheet_are_read_and_a_missing_cell_is_no_group(
    run: Run, asked: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foureyes.engine.steps.calibrating.LABELLED_AT_LEAST", 2)
    labels = tmp_path / "labels.csv"
    rows = [
        "scene 0/0.jpg,0",
        "scene 0/1.jpg, 0",
        "scene 1/0.jpg",
        "scene 1/1.jpg",
        "scene 2/0.jpg,-",
        "away.jpg,0",
    ]
    labels.write_text("\r\n".join(["path,group", *rows]), encoding="utf-8-sig")
    said = run(asked, "calibrate", "--labels", labels, "--source", "seized").out
    assert "5 media are labelled, 2 of them belong with another one; 9 pairs do not" in said
    assert "1 path of labels.csv of seized is not held: passed over." in said


def test_a_calibration_that_cannot_be_read_is_passed_over_and_said(run: Run, asked: Workspace) -> None:
    for text in ("{}", "[]"):
        (asked.calibrations / "in-use.json").write_text(text)
        ended = run(asked, "link")
        assert ended.code == 0
        assert "is no calibration: the shipped one counts" in ended.out


def test_a_series_shows_what_holds_it_and_what_nearly_belongs(run: Run, asked: Workspace) -> None:
    with Catalogue.open(asked, SETTINGS) as catalogue:
        link = next(one for one in catalogue.links() if one.strength == 4.0)
        one, other = catalogue.series_of(link.a), catalogue.series_of(link.b)
    assert one is not None
    assert other is not None
    ended = run(asked, "series", one.id)
    assert "Held together by 5 same-camera." in ended.out
    assert "nearly belong" in ended.out
    assert f"{other.id}, of 4 media; strength 4.0:" in ended.out
    ended = run(asked, "explain", link.a, link.b)
    assert "They are not together: one is in S-" in ended.out
    assert "same-camera, strength 4.0 (100 % of 4.0): " in ended.out
    hop = json.loads(run(asked, "explain", link.a, link.b, "--json").out)["hops"][0]
    assert (hop["strength"], [one["adds"] for one in hop["links"]]) == (4.0, [4.0])


def test_curves_of_another_version_of_a_kind_are_passed_over(run: Run, asked: Workspace) -> None:
    knots = {"knots": [[0, 0], [5, 1]], "version": 0}
    stated = {"made": "long ago, \x1b[31mred", "kinds": {}, "formulas": {"same-camera": knots}}
    (asked.calibrations / "in-use.json").write_text(json.dumps(stated))
    out = run(asked, "link").out
    assert "knows version 0 of same-camera, this is version 2" in out
    assert "\x1b" not in out
    assert _sizes(asked) == [4, 4, 4]
    knots["version"] = 2
    (asked.calibrations / "in-use.json").write_text(json.dumps(stated))
    run(asked, "link")
    assert _sizes(asked) == []
