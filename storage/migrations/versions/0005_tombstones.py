"""What stays of a report that was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tombstones",
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.Column("erased_by", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("record", name="pk_tombstones"),
        sa.UniqueConstraint("reference", name="uq_tombstones_reference"),
    )
