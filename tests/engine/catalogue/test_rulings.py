from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.model import DecisionKind
from foureyes.engine.settings import EngineSettings

ONE, TWO, THREE = (made_up.media(seed).digests.sha256 for seed in (1, 2, 3))


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    items = [made_up.taken(f"{seed}.jpg", seed) for seed in (1, 2, 3)]
    catalogue.commit(catalogue.source("s", "/s", "folder"), items)
    return catalogue


def rule(catalogue: Catalogue, reason: str = "same curtain") -> int:
    decision = catalogue.record_decision(
        DecisionKind.BELONGS, series=["S-A"], media=[ONE], anchors=[TWO, THREE], officer="ana", reason=reason
    )
    return decision.id


def test_a_decision_is_kept_with_who_when_and_why(filled: Catalogue) -> None:
    before = datetime.now(UTC)
    number = rule(filled)
    decision = filled.decision(number)
    assert (decision.kind, decision.series, decision.media) == (DecisionKind.BELONGS, ("S-A",), (ONE,))
    assert (decision.anchors, decision.officer, decision.reason) == ((TWO, THREE), "ana", "same curtain")
    assert before <= decision.at <= datetime.now(UTC)
    assert decision.withdrawn_at is None
    assert filled.decisions() == [decision]


def test_a_withdrawn_decision_stays_on_record(filled: Catalogue) -> None:
    first, second = rule(filled), rule(filled, "same sofa")
    withdrawn = filled.withdraw_decision(first, officer="bo", reason="another sofa")
    assert (withdrawn.withdrawn_by, withdrawn.withdrawn_reason) == ("bo", "another sofa")
    assert withdrawn.withdrawn_at is not None
    assert withdrawn.withdrawn_at >= withdrawn.at
    assert [decision.id for decision in filled.decisions()] == [second]
    assert [decision.id for decision in filled.decisions(active_only=False)] == [first, second]
    with pytest.raises(UsageError, match="withdrawn already"):
        filled.withdraw_decision(first, officer="bo", reason="again")
    assert list(filled.verify()) == []


def test_a_held_decision_binds_nothing_before_it_is_released(filled: Catalogue) -> None:
    said = {"series": ["S-A"], "media": [ONE], "anchors": [TWO], "officer": "ana", "reason": "same curtain"}
    first, second = (filled.record_decision(DecisionKind.BELONGS, held=True, **said) for _ in range(2))
    before = filled.rulings_until()
    assert first.held
    assert (filled.decisions(), len(filled.decisions(active_only=False))) == ([], 2)
    assert filled.release_decision(first.id)
    assert not filled.release_decision(first.id)
    filled.withdraw_decision(second.id, officer="ana", reason="never recorded")
    assert not filled.release_decision(second.id)
    assert [(one.id, one.held) for one in filled.decisions()] == [(first.id, False)]
    assert filled.ruling_marks() == [(first.id, False, False), (second.id, True, False)]
    assert filled.rulings_until() > before
    with pytest.raises(UsageError, match="no decision 7"):
        filled.release_decision(7)
    with pytest.raises(UsageError, match="binds at once"):
        filled.record_decision(
            DecisionKind.NEGATIVE,
            series=[],
            media=[ONE],
            anchors=[],
            officer="ana",
            reason="a logo",
            held=True,
        )
    assert list(filled.verify()) == []


def test_a_decision_without_its_whole_record_is_refused(filled: Catalogue) -> None:
    def record(media: str = ONE, officer: str = "ana", reason: str = "r") -> None:
        filled.record_decision(
            DecisionKind.SPLIT, series=["S-A"], media=[media], anchors=[], officer=officer, reason=reason
        )

    with pytest.raises(UsageError, match="why"):
        record(reason=" ")
    with pytest.raises(UsageError, match="who"):
        record(officer="")
    with pytest.raises(UsageError, match="No media"):
        record(media="ab" * 32)
    with pytest.raises(UsageError, match="full SHA-256"):
        record(media=ONE[:10])
    with pytest.raises(UsageError, match="no decision 7"):
        filled.withdraw_decision(7, officer="bo", reason="r")
    assert filled.decisions(active_only=False) == []


def test_people_decide_while_an_ingest_holds_the_lock(workspace: Workspace, settings: EngineSettings) -> None:
    with Catalogue.open(workspace, settings, write=True) as writer:
        source = writer.source("s", "/s", "folder")
        writer.commit(source, [made_up.taken(f"{seed}.jpg", seed) for seed in (1, 2, 3)])

        def decide() -> None:
            with Catalogue.open(workspace, settings) as workbench:
                for number in range(5):
                    rule(workbench, f"reason {number}")

        officers = [threading.Thread(target=decide) for _ in range(4)]
        for officer in officers:
            officer.start()
        for batch in made_up.batches(1, count=5, size=30):
            writer.commit(source, batch)
        for officer in officers:
            officer.join()
        assert [decision.id for decision in writer.decisions()] == list(range(1, 21))
        assert list(writer.verify()) == []
