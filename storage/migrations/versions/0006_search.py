"""What reports are found by: keyed blind indexes, their key, and which reports are still to be indexed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "index_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_index_keys"),
    )
    op.create_table(
        "search_words",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("token", "received_at", "record", name="pk_search_words"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unindexed",
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("record", name="pk_unindexed"),
    )
    # What is there already is sealed: the worker opens and indexes it, batch by batch.
    op.execute("insert into unindexed (record) select id from cases where state not in ('drill', 'drill-over')")
