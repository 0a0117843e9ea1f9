"""What every member of the link family must keep to."""

from __future__ import annotations

import pytest

from engine.series.made_up import lying, near, sha, shot
from foureyes.engine.model import FactName, ScenePair, SensorPair, SoundPair, TextPair, ViewPair
from foureyes.engine.series import LINKS, LinkEvidence, Signals, evidence
from foureyes.engine.series.links.base import LinkMaker


@pytest.fixture(params=LINKS, ids=lambda maker: maker.name)
def maker(request: pytest.FixtureRequest) -> LinkMaker:
    member: LinkMaker = request.param
    return member


@pytest.fixture(scope="module")
def given() -> LinkEvidence:
    held = [shot(n, 6.0 * n, serial="8964244" if n % 3 else "", at=(48.2 + n / 1e5, 16.3)) for n in range(30)]
    held += [
        lying(
            f"file {n}",
            f"{n // 10}/img_{n:04}.jpg",
            (FactName.QUANTISATION, f"{n // 3}"),
            (FactName.JPEG_LAYOUT, "DQT SOF0"),
            (FactName.OWNER, f"Jean Example the {n // 2}"),
            (FactName.IMAGE_ID, f"0123456789abcdef0123456789{n // 2:06x}"),
            (FactName.SERIES_NAME, f"Beach {n // 2}"),
        )
        for n in range(80)
    ]
    sensors = [SensorPair(*sorted((sha(n), sha(n + 1))), 90.0, 2_000_000) for n in range(5)]
    pairs = [sorted((sha(n), sha(n + 3))) for n in range(20)]
    views = [ViewPair(a, b, "sift", 10 + 6 * n, 0.3, 0.5) for n, (a, b) in enumerate(pairs)]
    names = sorted(one.sha256 for one in held)
    scenes = [ScenePair(names[n], names[n + 1], 0.7 + n / 200) for n in range(20)]
    sounds = [SoundPair(names[n], names[n + 2], 0.02, 5.0 + n) for n in range(20)]
    corner = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.2), (0.1, 0.2))
    texts = [
        TextPair(names[n], names[n + 2], "Sea\x1b View", 20 + n, 2 + n, corner, corner) for n in range(20)
    ]
    signals = Signals(scenes=scenes, views=views, sensors=sensors, sounds=sounds, texts=texts)
    return evidence(held, [near(n, n + 2, n) for n in range(20)], signals)


def test_names_are_unique() -> None:
    assert len({maker.name for maker in LINKS}) == len(LINKS)


def test_each_says_something_within_its_cap(maker: LinkMaker, given: LinkEvidence) -> None:
    found = list(maker.propose(given))
    assert found
    for link in found:
        assert (link.kind, link.version) == (maker.name, maker.version)
        assert link.a < link.b
        assert 0 < link.strength <= maker.cap
        assert link.evidence
        assert link.evidence.isprintable()
    assert len({(link.a, link.b) for link in found}) == len(found)


def test_nothing_known_gives_nothing(maker: LinkMaker) -> None:
    assert not list(maker.propose(evidence([], [])))
    assert not list(maker.propose(evidence([shot("alone", 3, serial="8964244", at=(1.0, 2.0))], [])))


def test_asking_twice_gives_the_same(maker: LinkMaker, given: LinkEvidence) -> None:
    assert list(maker.propose(given)) == list(maker.propose(given))
