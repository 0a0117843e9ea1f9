"""The first tables, and the triggers that keep people's rows append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("series_name", "decision", "withdrawal")


def upgrade() -> None:
    """Make every table of the first version."""
    _make_small_tables()
    _make_large_tables()
    _make_linking_tables()
    for table in _APPEND_ONLY:
        _forbid_changes(table)


def _make_small_tables() -> None:
    op.create_table(
        "fingerprint_file",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fingerprint_file"),
        sa.UniqueConstraint("name", name="uq_fingerprint_file_name"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "pack",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pack"),
        sa.UniqueConstraint("family", "number", name="uq_pack_family_number"),
    )
    op.create_table(
        "source",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", "path", name="uq_source_name_path"),
    )
    op.create_table(
        "tally",
        sa.Column("source_id", _ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "name", name="pk_tally"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "word",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_word"),
        sa.UniqueConstraint("text", name="uq_word_text"),
    )
    op.create_table(
        "unit_done",
        sa.Column("source_id", _ID, autoincrement=False, nullable=False),
        sa.Column("unit_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_unit_done_source_id"),
        sa.PrimaryKeyConstraint("source_id", "unit_key", name="pk_unit_done"),
        sqlite_with_rowid=False,
    )


def _make_large_tables() -> None:
    op.create_table(
        "media",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("sha_key", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sha1", sa.LargeBinary(), nullable=False),
        sa.Column("md5", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=True),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("fault_code", sa.Integer(), nullable=True),
        sa.Column("fault_detail", sa.Text(), nullable=True),
        sa.Column("thumbnail_pack", _ID, nullable=True),
        sa.Column("thumbnail_offset", sa.BigInteger(), nullable=True),
        sa.Column("thumbnail_length", sa.Integer(), nullable=True),
        sa.Column("thumbnail_crc", sa.BigInteger(), nullable=True),
        sa.Column("preview_pack", _ID, nullable=True),
        sa.Column("preview_offset", sa.BigInteger(), nullable=True),
        sa.Column("preview_length", sa.Integer(), nullable=True),
        sa.Column("preview_crc", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["fault_code"], ["word.id"], name="fk_media_fault_code"),
        sa.ForeignKeyConstraint(["format"], ["word.id"], name="fk_media_format"),
        sa.ForeignKeyConstraint(["preview_pack"], ["pack.id"], name="fk_media_preview_pack"),
        sa.ForeignKeyConstraint(["thumbnail_pack"], ["pack.id"], name="fk_media_thumbnail_pack"),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
    )
    op.create_index("ix_media_sha_key", "media", ["sha_key"], unique=False)
    op.create_table(
        "fact",
        sa.Column("media_id", _ID, autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("value_text", sa.Text(), nullable=True),
        sa.Column("value_int", sa.BigInteger(), nullable=True),
        sa.Column("value_real", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_fact_media_id"),
        sa.ForeignKeyConstraint(["name"], ["word.id"], name="fk_fact_name"),
        sa.ForeignKeyConstraint(["origin"], ["word.id"], name="fk_fact_origin"),
        sa.PrimaryKeyConstraint("media_id", "ordinal", name="pk_fact"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "occurrence",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("path_key", sa.BigInteger(), nullable=False),
        sa.Column("name_key", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("path_raw", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("created_ns", sa.BigInteger(), nullable=True),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.Column("accessed_ns", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("media_id", _ID, nullable=True),
        sa.Column("fault_code", sa.Integer(), nullable=True),
        sa.Column("fault_detail", sa.Text(), nullable=True),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["fault_code"], ["word.id"], name="fk_occurrence_fault_code"),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_occurrence_media_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_occurrence_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrence"),
    )
    op.create_index(
        "ix_occurrence_fault",
        "occurrence",
        ["id"],
        unique=False,
        sqlite_where=sa.text("fault_code IS NOT NULL"),
        postgresql_where=sa.text("fault_code IS NOT NULL"),
    )
    op.create_index(
        "ix_occurrence_media_id",
        "occurrence",
        ["media_id"],
        unique=False,
        sqlite_where=sa.text("media_id IS NOT NULL"),
        postgresql_where=sa.text("media_id IS NOT NULL"),
    )
    op.create_index("ix_occurrence_name_key", "occurrence", ["name_key"], unique=False)
    op.create_index("ix_occurrence_path_key", "occurrence", ["path_key"], unique=False)
    op.create_table(
        "past_occurrence",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("path_raw", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.Column("media_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_past_occurrence_media_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_past_occurrence_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_past_occurrence"),
    )
    op.create_index("ix_past_occurrence_media_id", "past_occurrence", ["media_id"], unique=False)
    op.create_table(
        "occurrence_fact",
        sa.Column("occurrence_id", _ID, autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("value_text", sa.Text(), nullable=True),
        sa.Column("value_int", sa.BigInteger(), nullable=True),
        sa.Column("value_real", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["name"], ["word.id"], name="fk_occurrence_fact_name"),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name="fk_occurrence_fact_occurrence_id"
        ),
        sa.ForeignKeyConstraint(["origin"], ["word.id"], name="fk_occurrence_fact_origin"),
        sa.PrimaryKeyConstraint("occurrence_id", "ordinal", name="pk_occurrence_fact"),
        sqlite_with_rowid=False,
    )


def _make_linking_tables() -> None:
    op.create_table(
        "decision",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("media", sa.LargeBinary(), nullable=False),
        sa.Column("anchors", sa.LargeBinary(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_table(
        "series_id_given",
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series_id_given"),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["series_id_given.id"], name="fk_series_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
    )
    op.create_index("ix_series_size", "series", ["size"], unique=False)
    op.create_table(
        "series_name",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("series_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series_name"),
    )
    op.create_index("ix_series_name_series_id", "series_name", ["series_id"], unique=False)
    op.create_table(
        "series_alias",
        sa.Column("old_id", sa.Text(), nullable=False),
        sa.Column("series_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("old_id", name="pk_series_alias"),
    )
    op.create_index("ix_series_alias_series_id", "series_alias", ["series_id"], unique=False)
    op.create_table(
        "withdrawal",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("decision_id", _ID, nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_withdrawal_decision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawal"),
        sa.UniqueConstraint("decision_id", name="uq_withdrawal_decision_id"),
    )
    op.create_table(
        "link",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("a", _ID, nullable=False),
        sa.Column("b", _ID, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["a"], ["media.id"], name="fk_link_a"),
        sa.ForeignKeyConstraint(["b"], ["media.id"], name="fk_link_b"),
        sa.ForeignKeyConstraint(["kind"], ["word.id"], name="fk_link_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("a", "b", "kind", name="uq_link_a_b_kind"),
    )
    op.create_index("ix_link_b", "link", ["b"], unique=False)
    op.create_table(
        "series_member",
        sa.Column("series_id", sa.Text(), nullable=False),
        sa.Column("media_id", _ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_series_member_media_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_series_member_series_id"),
        sa.PrimaryKeyConstraint("series_id", "media_id", name="pk_series_member"),
        sa.UniqueConstraint("media_id", name="uq_series_member_media_id"),
        sqlite_with_rowid=False,
    )


def _forbid_changes(table: str) -> None:
    """What a person decided is only ever added to: the database refuses to change or delete it."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
