"""Links to evidence, the sessions they open, and who is sending files in chat for which report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "passes",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_passes"),
    )
    op.create_index("ix_passes_record", "passes", ["record"])
    op.create_table(
        "collecting",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_collecting"),
    )
