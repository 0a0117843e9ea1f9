"""Small numbers for words that repeat by the million: formats, fault codes, names and origins of facts.

The numbers live in the table `word`, so that a new word needs no migration and a number never changes
its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema


class Words:
    """Numbers of words, remembered after the first look. Safe to share between threads."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._texts: dict[int, str] = {}

    def texts(self, connection: Connection) -> dict[int, str]:
        """All words by number, as far as the database holds them now."""
        texts = self._texts
        newest = connection.execute(sa.select(sa.func.max(schema.word.c.id))).scalar()
        return texts if newest is None or newest in texts else self._load(connection)

    def ids(self, connection: Connection, texts: Iterable[str]) -> dict[str, int]:
        """Numbers of those of `texts` that are known; the others are left out."""
        wanted = set(texts)
        known = self._ids
        if not wanted <= known.keys():
            known = {text: number for number, text in self._load(connection).items()}
        return {text: known[text] for text in wanted if text in known}

    def ids_for_writing(self, connection: Connection, texts: Iterable[str]) -> dict[str, int]:
        """Numbers of all of `texts`; new words are added in the open transaction.

        Call `forget` when that transaction fails.
        """
        wanted = set(texts)
        found = self.ids(connection, wanted)
        missing = sorted(wanted - found.keys())
        if missing:
            last = connection.execute(sa.select(sa.func.max(schema.word.c.id))).scalar() or 0
            added = {text: last + step for step, text in enumerate(missing, start=1)}
            rows = [{"id": number, "text": text} for text, number in added.items()]
            connection.execute(schema.word.insert(), rows)
            found |= added
        return found

    def forget(self) -> None:
        """Forget all numbers: the next question asks the database again."""
        self._ids, self._texts = {}, {}

    def _load(self, connection: Connection) -> dict[int, str]:
        texts: dict[int, str] = dict(connection.execute(sa.select(schema.word)).all())
        self._texts = texts
        self._ids = {text: number for number, text in texts.items()}
        return texts
