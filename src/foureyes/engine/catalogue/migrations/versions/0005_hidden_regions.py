"""Regions of media that do not count when views are verified; triggers keep both tables append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of regions and of their withdrawals."""
    op.create_table(
        "hidden_region",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("media_id", _ID, nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("bottom", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_hidden_region_media_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hidden_region"),
    )
    op.create_index("ix_hidden_region_media_id", "hidden_region", ["media_id"])
    op.create_table(
        "hidden_region_withdrawal",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("region_id", _ID, nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["hidden_region.id"], name="fk_hidden_region_withdrawal_region_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hidden_region_withdrawal"),
        sa.UniqueConstraint("region_id", name="uq_hidden_region_withdrawal_region_id"),
    )
    for table in ("hidden_region", "hidden_region_withdrawal"):
        _forbid_changes(table)


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
