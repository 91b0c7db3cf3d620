"""The tables. In clear: ids, state, level and times; everything else is sealed (see `sealing`).

Every change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite has no time zones: there it is written without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database. Raises ValueError for a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

master_keys = Table(
    "master_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("proof", LargeBinary, nullable=False),
    Column("since", Moment, nullable=False),
)

numbers = Table(
    "numbers",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", String, primary_key=True),
    Column("email_index", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("left_at", Moment),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("email_index"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("platform", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

last_seen = Table(
    "last_seen",
    metadata,
    Column("person", String, primary_key=True),
    Column("platform", String, nullable=False),
    Column("prefers", String),
)

inbox = Table(
    "inbox",
    metadata,
    Column("key", String, primary_key=True),
    Column("actor", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Index("ix_inbox_at", "at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),
    Column("person", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("record", String),
    Column("sent", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_drafts_person", "person", "sent", "at"),
    Index("ix_drafts_at", "at"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("reference", String, nullable=False),
    Column("reporter", String, nullable=False),
    Column("state", String, nullable=False),
    Column("level", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("data_key", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("reference"),
    Index("ix_cases_state", "state", "received_at"),
    Index("ix_cases_reporter", "reporter", "received_at"),
)

chronology = Table(
    "chronology",
    metadata,
    Column("record", String, ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

due = Table(
    "due",
    metadata,
    Column("record", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("state", String, nullable=False),
    Index("ix_due_state", "state", "at"),
)

cards = Table(
    "cards",
    metadata,
    Column("person", String, primary_key=True),
    Column("record", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("rings_wanted", Integer, nullable=False),
    Column("rings_sent", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("given_up", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    # When somebody may work on it, in real time; the end of the lease while somebody does; empty: nothing to do.
    Column("try_at", Moment),
    Column("lease", String),
    Column("messages", Text, nullable=False),
    Index("ix_cards_record", "record"),
    Index("ix_cards_try_at", "try_at"),
    Index("ix_cards_given_up", "given_up"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", String, primary_key=True),
    Column("record", String, ForeignKey("cases.id"), nullable=False),
    Column("number", Integer, nullable=False),
    # A keyed index of the platform's id of the file, so that one is not added twice.
    Column("mark", String, nullable=False),
    Column("state", String, nullable=False),
    Column("at", Moment, nullable=False),
    # As with cards: when somebody may fetch it, in real time; the end of the lease; empty: nothing to fetch.
    Column("try_at", Moment),
    Column("lease", String),
    Column("attempts", Integer, nullable=False),
    Column("blob", String),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("record", "number", name="uq_evidence_number"),
    UniqueConstraint("record", "mark", name="uq_evidence_mark"),
    Index("ix_evidence_try_at", "try_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("action", String, nullable=False),
    Column("actor", String),
    Column("record", String),
    Column("ids", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("ix_audit_record", "record", "seq"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
    Column("mac", String, nullable=False),
)

passes = Table(
    "passes",
    metadata,
    Column("digest", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("person", String, nullable=False),
    Column("record", String, nullable=False),
    Column("until", Moment, nullable=False),
    Column("spent", Boolean, nullable=False),
    Index("ix_passes_record", "record"),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("record", String, primary_key=True),
    Column("reference", String, nullable=False),
    Column("state", String, nullable=False),
    Column("process", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("finished_at", Moment, nullable=False),
    Column("erased_at", Moment, nullable=False),
    Column("erased_by", String, nullable=False),
    Column("ground", String, nullable=False),
    UniqueConstraint("reference"),
)

collecting = Table(
    "collecting",
    metadata,
    Column("person", String, primary_key=True),
    Column("record", String),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

index_keys = Table(
    "index_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# Without rows of their own on SQLite: the key is all there is, and a word is read newest first as it lies there.
search_words = Table(
    "search_words",
    metadata,
    Column("token", String, primary_key=True),
    Column("received_at", Moment, primary_key=True),
    Column("record", String, primary_key=True),
    sqlite_with_rowid=False,
)

unindexed = Table("unindexed", metadata, Column("record", String, primary_key=True))
