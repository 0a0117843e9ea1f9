"""Outcomes of dear comparisons, so that none is made twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "comparison",
        sa.Column("a", _ID, autoincrement=False, nullable=False),
        sa.Column("b", _ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["a"], ["media.id"], name="fk_comparison_a"),
        sa.ForeignKeyConstraint(["b"], ["media.id"], name="fk_comparison_b"),
        sa.ForeignKeyConstraint(["kind"], ["word.id"], name="fk_comparison_kind"),
        sa.PrimaryKeyConstraint("a", "b", "kind", name="pk_comparison"),
        sqlite_with_rowid=False,
    )
