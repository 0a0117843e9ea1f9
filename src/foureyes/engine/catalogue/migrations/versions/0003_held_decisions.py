"""Decisions that are held until they are released; triggers keep both append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of holds and releases."""
    for table in ("decision_hold", "decision_release"):
        op.create_table(
            table,
            sa.Column("id", _ID, autoincrement=False, nullable=False),
            sa.Column("decision_id", _ID, nullable=False),
            sa.Column("at", sa.Text(), nullable=False),
            sa.Column("chain", sa.LargeBinary(), nullable=False),
            sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=f"fk_{table}_decision_id"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("decision_id", name=f"uq_{table}_decision_id"),
        )
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
