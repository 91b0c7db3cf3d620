"""Where people have their own chat with the bot, and on which platform they were last seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "person", name="pk_conversations"),
    )
    op.create_table(
        "last_seen",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("prefers", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("person", name="pk_last_seen"),
    )
