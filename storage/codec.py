"""Between values of the policy and bytes. JSON, checked again when it is read."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from policy.case import Case, Entry
from policy.evidence import EvidenceFile
from policy.people import Person, PersonEntry, PersonId
from storage.errors import Unreadable
from storage.messages import Conversation, MessageRef

_CASE = TypeAdapter(Case)
_ENTRY = TypeAdapter(Entry)
_PERSON = TypeAdapter(PersonEntry)
_CONVERSATION = TypeAdapter(Conversation)
_EVIDENCE = TypeAdapter(EvidenceFile)
_MESSAGES = TypeAdapter(tuple[MessageRef, ...])

T = TypeVar("T")


def case_bytes(case: Case) -> bytes:
    """The whole case."""
    return _CASE.dump_json(case)


def read_case(data: bytes) -> Case:
    """The case that `case_bytes` wrote.

    Raises:
        Unreadable: it is not one; what it was is not told.
    """
    return _read(_CASE, data)


def entry_bytes(entry: Entry) -> bytes:
    """One line of a chronology."""
    return _ENTRY.dump_json(entry)


def read_entry(data: bytes) -> Entry:
    """The line that `entry_bytes` wrote.

    Raises:
        Unreadable: it is not one.
    """
    return _read(_ENTRY, data)


def person_bytes(entry: PersonEntry) -> bytes:
    """A person as the school writes them down, without their id."""
    return _PERSON.dump_json(PersonEntry(**{each.name: getattr(entry, each.name) for each in fields(PersonEntry)}))


def read_person(person: PersonId, data: bytes) -> Person:
    """The person that `person_bytes` wrote.

    Raises:
        Unreadable: it is not one.
    """
    return Person.of(_read(_PERSON, data), person)


def conversation_bytes(conversation: Conversation) -> bytes:
    """Where somebody has their own chat with the bot."""
    return _CONVERSATION.dump_json(conversation)


def read_conversation(data: bytes) -> Conversation:
    """The conversation that `conversation_bytes` wrote.

    Raises:
        Unreadable: it is not one.
    """
    return _read(_CONVERSATION, data)


def evidence_bytes(file: EvidenceFile) -> bytes:
    """What is known of a file. How often it was tried stands beside it, and not in it."""
    return _EVIDENCE.dump_json(replace(file, attempts=0))


def read_evidence(data: bytes, attempts: int) -> EvidenceFile:
    """The file that `evidence_bytes` wrote, tried so often.

    Raises:
        Unreadable: it is not one.
    """
    return replace(_read(_EVIDENCE, data), attempts=attempts)


def messages_text(messages: tuple[MessageRef, ...]) -> str:
    """Where a card stands: ids of the platform only."""
    return _MESSAGES.dump_json(messages).decode()


def read_messages(text: str) -> tuple[MessageRef, ...]:
    """The messages that `messages_text` wrote.

    Raises:
        Unreadable: they are not.
    """
    return _read(_MESSAGES, text.encode())


def _read(adapter: TypeAdapter[T], data: bytes) -> T:
    try:
        return adapter.validate_json(data)
    except ValidationError:
        pass  # the error of pydantic quotes what it read: it must not travel with ours
    raise Unreadable("Something stored is not in the form that this version of Staffroom writes.")
