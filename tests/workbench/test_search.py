"""Searching by picture and by hash: what is found, for whom, what is kept of the question, what is recorded."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from workbench.cast import give, marks, signed_in

# isort: split
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory, override_settings

from foureyes.engine.catalogue import SeriesSummary
from foureyes.engine.model import Digest
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library import caged, questions, uploads
from foureyes.workbench.library.holdings import catalogue
from workbench.filled import scene

pytest_plugins = ["workbench.stage"]

LAKE, MARKET, UNLINKED, CLIPS = 1000, 2000, 0, 4000
"""Seeds of `workbench.filled`."""


def saved(picture: Image.Image, form: str = "PNG", **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **how)
    return buffer.getvalue()


def ask(client: Client, content: bytes | None = None, text: str = "", radius: str = "31") -> Any:
    """Send the form; gives the page that it leads to."""
    form: dict[str, Any] = {"hash": text, "radius": radius}
    if content is not None:
        form["picture"] = SimpleUploadedFile("untitled.png", content)
    return client.post("/search/ask/", form, follow=True)


def found(response: Any) -> list[str]:
    """Marks of the media in an answer, in order."""
    return re.findall(r'data-mark="([0-9a-f]{16})"', response.content.decode())


def said(response: Any) -> str:
    """Words of a page, each gap as one blank."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def upright_of(mark: str) -> str:
    """PDQ of a held picture, in hex."""
    table = catalogue().fingerprints("pdq", owners=catalogue().find(mark))
    return str(table.values[0][:32].tobytes().hex())


def test_a_picture_finds_its_copies_nearest_first(as_ida: Client, series: list[SeriesSummary]) -> None:
    answer = ask(as_ida, saved(scene(LAKE)))
    assert answer.status_code == 200
    assert re.fullmatch(r".*/search/\?n=\d+", answer.redirect_chain[0][0])
    held = set(marks(series[0].id))
    assert len(found(answer)) == 3
    assert set(found(answer)) <= held
    assert "3 media are the same picture" in said(answer)
    bits = [int(one) for one in re.findall(r"(\d+) of 256 bits differ", said(answer))]
    assert bits == sorted(bits)
    assert len(bits) == 3
    assert series[0].name in answer.content.decode()
    assert "/thumbnail/" not in answer.content.decode()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (lambda one: one.rotate(90, expand=True), "rotated by 90 degrees clockwise"),
        (lambda one: one.rotate(-90, expand=True), "rotated by 90 degrees anticlockwise"),
        (lambda one: one.rotate(180), "upside down"),
        (ImageOps.mirror, "mirrored left to right"),
        (ImageOps.flip, "flipped top to bottom"),
        (lambda one: one.resize((160, 120)), "upright"),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_a_turned_picture_is_found_and_told_how(as_ida: Client, how: Any, words: str) -> None:
    answer = ask(as_ida, saved(how(scene(LAKE)), "JPEG", quality=92))
    assert len(found(answer)) == 3
    assert words in said(answer)


@pytest.mark.usefixtures("workspace")
def test_a_frame_is_found_in_its_video(as_ida: Client) -> None:
    answer = ask(as_ida, saved(scene(CLIPS)))
    assert "In a video at 0:00 of 0:12" in said(answer)


def test_every_kind_of_hash_finds_its_media(as_ida: Client, series: list[SeriesSummary]) -> None:
    mark = marks(series[0].id)[0]
    media = catalogue().media(catalogue().find(mark)[0])
    assert media is not None
    digests = media.digests
    for text in (digests.sha256, digests.sha1.upper(), f"  md5: {digests.md5} "):
        answer = ask(as_ida, text=text)
        assert found(answer)[0] == mark
        assert "The same file" in said(answer)
        assert len(found(answer)) == 3, "copies of the same picture are found through the file that is held"
    assert found(ask(as_ida, text=upright_of(mark)))[0] in marks(series[0].id)
    assert found(ask(as_ida, text="0" * 40)) == []


def test_the_radius_bounds_what_is_found(as_ida: Client, series: list[SeriesSummary]) -> None:
    value = bytearray(bytes.fromhex(upright_of(marks(series[0].id)[0])))
    value[3] ^= 0xFF
    value[9] ^= 0xFF
    text = value.hex()
    near = [int(one) for one in re.findall(r"(\d+) of 256 bits differ", said(ask(as_ida, text=text)))]
    assert near
    least = min(near)
    assert found(ask(as_ida, text=text, radius=str(least)))
    assert not found(ask(as_ida, text=text, radius=str(least - 1)))
    assert len(found(ask(as_ida, text=text, radius="63"))) >= len(near)


@pytest.mark.parametrize("radius", ["64", "-1", "", "3.5", "many", "٣١", "1e1"])
@pytest.mark.usefixtures("workspace")
def test_a_radius_that_is_none_is_refused(as_ida: Client, radius: str) -> None:
    answer = ask(as_ida, text="0" * 64, radius=radius)
    assert answer.status_code == 422
    assert "a whole number from 0 to 63" in said(answer)
    assert not Entry.objects.filter(action="searched").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Dear colleague,\nplease find attached", "This is no picture."),
        (b"", "no bytes"),
        (b"PK\x03\x04" + bytes(60), "of the kind zip"),
        (b"%PDF-1.7\n", "of the kind pdf"),
        (b"\0\0\0\x18ftypmp42" + bytes(60), "This is a video (mp4)"),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_what_is_no_picture_is_refused_in_words(as_ida: Client, content: bytes, words: str) -> None:
    answer = ask(as_ida, content)
    assert answer.status_code == 422
    assert words in said(answer)
    assert not Entry.objects.filter(action="searched").exists()


@pytest.mark.usefixtures("workspace")
def test_a_damaged_picture_says_why_and_is_searched_as_a_file(as_ida: Client) -> None:
    answer = ask(as_ida, b"\xff\xd8\xff\xe0" + bytes(2000))
    assert answer.status_code == 200
    assert "It could not be read (" in said(answer)
    assert "Nothing held is the same picture" in said(answer)


@pytest.mark.usefixtures("workspace")
def test_a_plain_picture_is_not_compared_and_that_is_said(as_ida: Client) -> None:
    answer = ask(as_ida, saved(Image.new("RGB", (300, 200), (120, 130, 140))))
    assert "too plain for a sure fingerprint" in said(answer)
    assert found(answer) == []


@override_settings(FOUREYES_UPLOAD_BYTES=1_000)
@pytest.mark.usefixtures("workspace")
def test_a_picture_beyond_the_bound_is_refused_in_words(as_ida: Client) -> None:
    answer = ask(as_ida, saved(scene(LAKE)))
    assert answer.status_code == 422
    assert "too large" in said(answer)


@pytest.mark.parametrize("text", ["", "hello", "0" * 63, "g" * 64, "0" * 65, "https://example.org/x.jpg"])
@pytest.mark.usefixtures("workspace")
def test_what_is_no_hash_is_refused_in_words(as_ida: Client, text: str) -> None:
    answer = ask(as_ida, text=text)
    assert answer.status_code == 422
    assert ("no hash" if text else "Drop or choose a picture") in said(answer)


@given(st.text(max_size=200))
def test_any_text_is_a_hash_or_refused(text: str) -> None:
    try:
        question = questions.of_text(text)
    except questions.NoQuestion:
        return
    assert all(re.fullmatch("[0-9a-f]{32,64}", value) for value in question.digests.values())
    assert set(map(len, question.pdq)) <= {32}


def test_digits_may_be_written_in_groups() -> None:
    assert questions.of_text("MD5 = d41d8cd9-8f00b204 e9800998:ecf8427e").digests == {
        Digest.MD5: "d41d8cd98f00b204e9800998ecf8427e"
    }


def test_others_find_only_what_is_theirs(
    as_ida: Client, otto: Officer, as_otto: Client, series: list[SeriesSummary]
) -> None:
    lake, market = saved(scene(LAKE)), saved(scene(MARKET))
    assert found(ask(as_otto, lake)) == []
    give(series[1].id, otto.unit)
    assert found(ask(as_ida, lake))
    nothing = ask(signed_in(otto), lake)
    assert found(nothing) == []
    assert "Nothing held is the same picture" in said(nothing)
    assert series[0].id not in nothing.content.decode()
    theirs = ask(signed_in(otto), market)
    assert set(found(theirs)) <= set(marks(series[1].id))
    assert len(found(theirs)) == 2
    sha256 = catalogue().find(marks(series[0].id)[0])[0]
    assert found(ask(signed_in(otto), text=sha256)) == []
    counts = [json.loads(one)["found"] for one in _recorded("otto")]
    assert counts == [0, 0, 2, 0]


def test_an_answer_is_checked_again_when_it_is_come_back_to(
    otto: Officer, series: list[SeriesSummary]
) -> None:
    given = give(series[0].id, otto.unit)
    client = signed_in(otto)
    answer = ask(client, saved(scene(LAKE)))
    assert len(found(answer)) == 3
    given.delete()
    again = client.get(answer.redirect_chain[0][0])
    assert found(again) == []
    assert series[0].id not in again.content.decode()


@pytest.mark.usefixtures("workspace")
def test_an_answer_is_for_the_session_that_asked(as_ida: Client, ida: Officer) -> None:
    answer = ask(as_ida, saved(scene(LAKE)))
    address = answer.redirect_chain[0][0]
    assert len(found(as_ida.get(address))) == 3
    other = signed_in(ida).get(address)
    assert found(other) == []
    assert "That answer is no longer here" in said(other)


@pytest.mark.usefixtures("workspace")
def test_a_search_is_recorded_with_its_question(as_ida: Client) -> None:
    ask(as_ida, saved(scene(LAKE)), radius="30")
    ask(as_ida, text="0" * 32)
    picture, digest = Entry.objects.filter(action="searched").order_by("id")
    assert picture.officer == "ida"
    assert re.fullmatch("pdq:[0-9a-f]{64}", picture.thing)
    detail = json.loads(picture.detail)
    assert detail["found"] == 3
    assert detail["radius"] == 30
    assert re.fullmatch("[0-9a-f]{64}", detail["sha256"])
    assert (digest.thing, json.loads(digest.detail)) == ("md5:" + "0" * 32, {"found": 0, "radius": 31})


def test_a_search_needs_the_token_of_the_page(ida: Officer) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ida)
    assert ask(strict, text="0" * 64).status_code == 403
    assert ask(strict, saved(scene(LAKE))).status_code == 403
    assert strict.get("/search/ask/").status_code == 405
    assert not Entry.objects.filter(action="searched").exists()


@pytest.mark.usefixtures("workspace")
def test_nothing_of_the_question_is_written_to_disk(
    as_ida: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened = len(list(Path("/proc/self/fd").iterdir()))
    big = saved(scene(LAKE).resize((1600, 1200)), "BMP")
    assert len(big) > 2.5 * 1024**2, "beyond what Django keeps in memory by itself"
    assert len(found(ask(as_ida, big))) == 3
    assert list(tmp_path.iterdir()) == []
    caged.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= opened + 1


def test_an_upload_is_sealed_and_read_by_nobody_who_is_not_signed_in(ida: Officer) -> None:
    form = {"picture": SimpleUploadedFile("x.png", b"12345")}
    request = RequestFactory().post("/search/ask/", form)
    request.user = ida
    request.upload_handlers = [uploads.InMemoryOnly(request)]
    upload = request.FILES["picture"]
    assert isinstance(upload, uploads.Held)
    assert upload.read() == b"12345"
    with pytest.raises(PermissionError):
        os.write(upload.untrusted_fd(), b"6")
    upload.close()
    stranger = RequestFactory().post("/sign-in/", {"picture": SimpleUploadedFile("x.png", b"12345")})
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415 - models need Django set up

    stranger.user = AnonymousUser()
    stranger.upload_handlers = [uploads.InMemoryOnly(stranger)]
    assert not stranger.FILES


@pytest.mark.usefixtures("workspace")
def test_who_waits_too_long_for_the_decoder_is_told(as_ida: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caged, "PATIENCE_SECONDS", 0.01)
    with caged._turn:
        answer = ask(as_ida, saved(scene(LAKE)))
    assert answer.status_code == 503
    assert "Ask again in a moment" in said(answer)


def _recorded(officer: str) -> list[str]:
    """Details of the searches of one officer, in order."""
    kept = Entry.objects.filter(action="searched", officer=officer).order_by("id")
    return list(kept.values_list("detail", flat=True))
