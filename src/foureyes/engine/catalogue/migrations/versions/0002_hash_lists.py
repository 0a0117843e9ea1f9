"""Hash lists, their files and hits, and what changed; triggers keep what people did append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("hash_list", "list_withdrawal", "hash_list_file", "change")


def upgrade() -> None:
    """Add the tables of hash lists and of changes."""
    _make_lists()
    _make_what_lists_cause()
    for table in _APPEND_ONLY:
        _forbid_changes(table)


def _make_lists() -> None:
    op.create_table(
        "hash_list",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("handling_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hash_list"),
    )
    op.create_table(
        "list_withdrawal",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("list_id", _ID, nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["hash_list.id"], name="fk_list_withdrawal_list_id"),
        sa.PrimaryKeyConstraint("id", name="pk_list_withdrawal"),
        sa.UniqueConstraint("list_id", name="uq_list_withdrawal_list_id"),
    )
    op.create_table(
        "hash_list_file",
        sa.Column("list_id", _ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["hash_list.id"], name="fk_hash_list_file_list_id"),
        sa.PrimaryKeyConstraint("list_id", "part", name="pk_hash_list_file"),
        sa.UniqueConstraint("name", name="uq_hash_list_file_name"),
        sqlite_with_rowid=False,
    )


def _make_what_lists_cause() -> None:
    op.create_table(
        "list_checked",
        sa.Column("list_id", _ID, autoincrement=False, nullable=False),
        sa.Column("media_id", sa.BigInteger(), nullable=False),
        sa.Column("pdq_rows", sa.BigInteger(), nullable=False),
        sa.Column("under", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["hash_list.id"], name="fk_list_checked_list_id"),
        sa.PrimaryKeyConstraint("list_id", name="pk_list_checked"),
    )
    op.create_table(
        "list_hit",
        sa.Column("media_id", _ID, autoincrement=False, nullable=False),
        sa.Column("list_id", _ID, autoincrement=False, nullable=False),
        sa.Column("by", sa.SmallInteger(), nullable=False),
        sa.Column("category", sa.Integer(), nullable=True),
        sa.Column("distance", sa.SmallInteger(), nullable=False),
        sa.Column("orientation", sa.SmallInteger(), nullable=False),
        sa.Column("record", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["hash_list.id"], name="fk_list_hit_list_id"),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_list_hit_media_id"),
        sa.PrimaryKeyConstraint("media_id", "list_id", name="pk_list_hit"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_list_hit_list_id", "list_hit", ["list_id"], unique=False)
    op.create_table(
        "change",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("media_id", _ID, nullable=True),
        sa.Column("series_id", sa.Text(), nullable=True),
        sa.Column("list_id", _ID, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["hash_list.id"], name="fk_change_list_id"),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_change_media_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.create_index("ix_change_at", "change", ["at"], unique=False)


def _forbid_changes(table: str) -> None:
    """The database refuses to change or delete these rows."""
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
