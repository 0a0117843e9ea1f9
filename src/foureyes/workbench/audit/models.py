"""Entries of the record, and what proves them. The database itself refuses to change or delete any of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

ACCESS_REFUSED = "access-refused"
"""Action of entries that the officer themselves is not shown."""


class Entry(models.Model):
    """Who did what to which thing, when, chained to the entry before."""

    id = models.BigIntegerField(primary_key=True)
    """1, 2, 3, ... without a gap: `actions.append` gives it while it holds the chain."""
    at = models.CharField(max_length=32)
    """ISO 8601 in UTC with microseconds, as text: the hash covers exactly what is stored."""
    officer = models.CharField(max_length=60)
    """User name; for a refused sign-in the name that was tried."""
    unit = models.CharField(max_length=130, blank=True)
    action = models.CharField(max_length=40)
    thing = models.CharField(max_length=200, blank=True)
    """What it was done to: `media:<sha256>`, `series:<id>`, `officer:<name>`."""
    detail = models.TextField(blank=True)
    """JSON object with sorted keys: reasons, old and new names, counts."""
    previous = models.CharField(max_length=64, unique=True)
    """Hash of the entry before; unique, so the chain cannot fork."""
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        """What the database itself ensures."""

        indexes: ClassVar = [
            models.Index(fields=["officer", "id"], name="audit_by_officer"),
            models.Index(fields=["thing", "id"], name="audit_by_thing"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["unit", "id"], name="audit_by_unit"),
            models.Index(fields=["at", "id"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.at} {self.officer} {self.action} {self.thing}"


class Mention(models.Model):
    """A series or media that an entry names in its detail: records are searched by it, it proves nothing."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="mentions", db_constraint=False, db_index=False
    )
    thing = models.CharField(max_length=200)
    """As the `thing` of an entry: `series:<id>`, `media:<sha256>`."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["thing", "entry"], name="audit_mentioned_once")
        ]

    def __str__(self) -> str:
        return f"{self.thing} in entry {self.entry_id}"


class Tile(models.Model):
    """256 hashes of the Merkle tree side by side, once all of them are final: never computed again."""

    id = models.BigAutoField(primary_key=True)
    level = models.PositiveSmallIntegerField()
    """0 holds hashes of entries, 1 roots of tiles of level 0, and so on: each stands 8 higher in the tree."""
    number = models.BigIntegerField()
    """From 0."""
    root = models.CharField(max_length=64)
    hashes = models.BinaryField()
    """256 times 32 bytes."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["level", "number"], name="audit_one_tile_each")
        ]

    def __str__(self) -> str:
        return f"tile {self.number} of level {self.level}"


class Checkpoint(models.Model):
    """A signed statement of how long the record was at a moment, and what its Merkle root was."""

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField(unique=True)
    """Entries that it covers."""
    root = models.CharField(max_length=64)
    at = models.CharField(max_length=32)
    """As `Entry.at`."""
    key = models.CharField(max_length=200)
    """The public key whose private one signed it, as `foureyes audit key` prints it."""
    note = models.TextField()
    """What was signed, and the signature (C2SP tlog-checkpoint)."""

    def __str__(self) -> str:
        return f"checkpoint of {self.size} entries at {self.at}"


class Departure(models.Model):
    """A checkpoint that left this machine."""

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="departures")
    at = models.CharField(max_length=32)
    place = models.CharField(max_length=400)
    """Where it was written to."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checkpoint", "place"], name="audit_leaves_once_to_a_place")
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint} to {self.place}"
