"""Tables of the catalogue, the same on SQLite and PostgreSQL.

Sized for 100 million media: digests are raw bytes, repeated words are small numbers (`word`), and
digests and paths are found by an indexed signed 64-bit prefix, the full value checked on every hit.
`docs/catalogue.md` says what grows how. The migrations make these tables; a test compares both.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

POSTGRESQL_SCHEMA = "catalogue"
HEAD = "0005"
"""Newest migration; a test holds it against the migrations folder."""

Id = BigInteger().with_variant(Integer, "sqlite")
"""INTEGER PRIMARY KEY is SQLite's own row number and needs no index; BIGINT would get one."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

word = Table(
    "word",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False, unique=True),
)

source = Table(
    "source",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("reader", Text, nullable=False),
    Column("added_at", Text, nullable=False),
    UniqueConstraint("name", "path"),
)

pack = Table(
    "pack",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("family", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("length", BigInteger, nullable=False),
    UniqueConstraint("family", "number"),
)

media = Table(
    "media",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("sha_key", BigInteger, nullable=False, index=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("sha1", LargeBinary, nullable=False),
    Column("md5", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("kind", SmallInteger),
    Column("format", Integer, ForeignKey("word.id"), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("duration", Double),
    Column("fault_code", Integer, ForeignKey("word.id")),
    Column("fault_detail", Text),
    Column("thumbnail_pack", Id, ForeignKey("pack.id")),
    Column("thumbnail_offset", BigInteger),
    Column("thumbnail_length", Integer),
    Column("thumbnail_crc", BigInteger),
    Column("preview_pack", Id, ForeignKey("pack.id")),
    Column("preview_offset", BigInteger),
    Column("preview_length", Integer),
    Column("preview_crc", BigInteger),
    Column("seal", BigInteger, nullable=False),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),
    Column("path_key", BigInteger, nullable=False, index=True),
    Column("name_key", BigInteger, nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("path_raw", LargeBinary),
    Column("size", BigInteger),
    Column("created_ns", BigInteger),
    Column("modified_ns", BigInteger),
    Column("accessed_ns", BigInteger),
    Column("outcome", SmallInteger, nullable=False),
    Column("media_id", Id, ForeignKey("media.id")),
    Column("fault_code", Integer, ForeignKey("word.id")),
    Column("fault_detail", Text),
    Column("seal", BigInteger, nullable=False),
)
_with_media = text("media_id IS NOT NULL")
_with_fault = text("fault_code IS NOT NULL")
Index(
    "ix_occurrence_media_id",
    occurrence.c.media_id,
    sqlite_where=_with_media,
    postgresql_where=_with_media,
)
Index("ix_occurrence_fault", occurrence.c.id, sqlite_where=_with_fault, postgresql_where=_with_fault)

past_occurrence = Table(
    "past_occurrence",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("path_raw", LargeBinary),
    Column("size", BigInteger),
    Column("modified_ns", BigInteger),
    Column("media_id", Id, ForeignKey("media.id"), nullable=False, index=True),
)

fact = Table(
    "fact",
    metadata,
    Column("media_id", Id, ForeignKey("media.id"), primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("name", Integer, ForeignKey("word.id"), nullable=False),
    Column("origin", Integer, ForeignKey("word.id"), nullable=False),
    Column("value_text", Text),
    Column("value_int", BigInteger),
    Column("value_real", Double),
    sqlite_with_rowid=False,
)

occurrence_fact = Table(
    "occurrence_fact",
    metadata,
    Column("occurrence_id", Id, ForeignKey("occurrence.id"), primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("name", Integer, ForeignKey("word.id"), nullable=False),
    Column("origin", Integer, ForeignKey("word.id"), nullable=False),
    Column("value_text", Text),
    Column("value_int", BigInteger),
    Column("value_real", Double),
    sqlite_with_rowid=False,
)

fingerprint_file = Table(
    "fingerprint_file",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
)

unit_done = Table(
    "unit_done",
    metadata,
    Column("source_id", Id, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("unit_key", Text, primary_key=True),
    sqlite_with_rowid=False,
)

tally = Table(
    "tally",
    metadata,
    Column("source_id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("a", Id, ForeignKey("media.id"), nullable=False),
    Column("b", Id, ForeignKey("media.id"), nullable=False, index=True),
    Column("kind", Integer, ForeignKey("word.id"), nullable=False),
    Column("strength", Double, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("a", "b", "kind"),
)

series_id_given = Table("series_id_given", metadata, Column("id", Text, primary_key=True))
"""Every id that a series ever had: rows are only added, and none is given to another series."""

series = Table(
    "series",
    metadata,
    Column("id", Text, ForeignKey("series_id_given.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False, index=True),
    Column("reasons", Text, nullable=False),
)

series_member = Table(
    "series_member",
    metadata,
    Column("series_id", Text, ForeignKey("series.id"), primary_key=True),
    Column("media_id", Id, ForeignKey("media.id"), primary_key=True, autoincrement=False, unique=True),
    sqlite_with_rowid=False,
)

series_alias = Table(
    "series_alias",
    metadata,
    Column("old_id", Text, primary_key=True),
    Column("series_id", Text, nullable=False, index=True),
)
"""Ids of series that became part of another, and the id that their members have now."""

series_name = Table(
    "series_name",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("series_id", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("media", LargeBinary, nullable=False),
    Column("anchors", LargeBinary, nullable=False),
    Column("officer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("decision_id", Id, ForeignKey("decision.id"), nullable=False, unique=True),
    Column("officer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

decision_hold = Table(
    "decision_hold",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("decision_id", Id, ForeignKey("decision.id"), nullable=False, unique=True),
    Column("at", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)
"""Decisions that do not bind before they are released: whoever made them keeps a record of their own."""

decision_release = Table(
    "decision_release",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("decision_id", Id, ForeignKey("decision.id"), nullable=False, unique=True),
    Column("at", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

hash_list = Table(
    "hash_list",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("handling_code", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("removed", BigInteger, nullable=False),
    Column("faults", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("officer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)
"""`content` is the digest over the digests of the list's files, so that the chain seals them too."""

list_withdrawal = Table(
    "list_withdrawal",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("list_id", Id, ForeignKey("hash_list.id"), nullable=False, unique=True),
    Column("officer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

hash_list_file = Table(
    "hash_list_file",
    metadata,
    Column("list_id", Id, ForeignKey("hash_list.id"), primary_key=True, autoincrement=False),
    Column("part", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Files of `lists/` that count."""

list_checked = Table(
    "list_checked",
    metadata,
    Column("list_id", Id, ForeignKey("hash_list.id"), primary_key=True, autoincrement=False),
    Column("media_id", BigInteger, nullable=False),
    Column("pdq_rows", BigInteger, nullable=False),
    Column("under", Text, nullable=False),
)
"""How far held media were checked against a list, and under which later versions of it."""

list_hit = Table(
    "list_hit",
    metadata,
    Column("media_id", Id, ForeignKey("media.id"), primary_key=True, autoincrement=False),
    Column("list_id", Id, ForeignKey("hash_list.id"), primary_key=True, autoincrement=False, index=True),
    Column("by", SmallInteger, nullable=False),
    Column("category", Integer),
    Column("distance", SmallInteger, nullable=False),
    Column("orientation", SmallInteger, nullable=False),
    Column("record", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

change = Table(
    "change",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("kind", SmallInteger, nullable=False),
    Column("media_id", Id, ForeignKey("media.id")),
    Column("series_id", Text),
    Column("list_id", Id, ForeignKey("hash_list.id")),
    Column("detail", Text, nullable=False),
)
"""`at` is microseconds since 1970 UTC: a list of millions writes millions of these."""

comparison = Table(
    "comparison",
    metadata,
    Column("a", Id, ForeignKey("media.id"), primary_key=True, autoincrement=False),
    Column("b", Id, ForeignKey("media.id"), primary_key=True, autoincrement=False),
    Column("kind", Integer, ForeignKey("word.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Outcomes of dear comparisons, those without a result too: what is here is not compared again. They can be
made anew from what is held, so no seal covers them."""

hidden_region = Table(
    "hidden_region",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("media_id", Id, ForeignKey("media.id"), nullable=False, index=True),
    Column("left", Integer, nullable=False),
    Column("top", Integer, nullable=False),
    Column("right", Integer, nullable=False),
    Column("bottom", Integer, nullable=False),
    Column("at_ms", BigInteger),
    Column("why", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)
"""Regions that do not count when views are verified: sides in millionths of the picture, `at_ms` the moment
of a film that it is about."""

hidden_region_withdrawal = Table(
    "hidden_region_withdrawal",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("region_id", Id, ForeignKey("hidden_region.id"), nullable=False, unique=True),
    Column("officer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

CHAINED = (
    series_name,
    decision,
    withdrawal,
    decision_hold,
    decision_release,
    hash_list,
    list_withdrawal,
    hidden_region,
    hidden_region_withdrawal,
)
"""Rows that people made, each sealed with all before it."""

APPEND_ONLY = (*CHAINED, hash_list_file, change)
"""Rows that the database itself refuses to change or delete."""
