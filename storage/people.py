"""The people of the school: sealed rows, found by a blind index of their e-mail address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from policy.people import Person, PersonEntry, PersonId, Staff, same_name, same_person
from storage.audit_log import AuditLog
from storage.codec import person_bytes, read_person
from storage.sealing import Keyring, random_id
from storage.tables import numbers, people

_VERSION = "people"
_RELEASED = "released:"
"""What the address of somebody stands at when it has gone on to somebody else."""
_PURPOSE = "people"

_READ_VERSION = select(numbers.c.value).where(numbers.c.name == _VERSION)
_READ_STAFF = select(people.c.id, people.c.body, people.c.left_at).order_by(people.c.position)
_READ_ALL = select(people).order_by(people.c.position)
_CHANGE = (
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(
        email_index=bindparam("email"), position=bindparam("place"), left_at=bindparam("left"), body=bindparam("text")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChanges:
    """What a new list of people changed. Somebody who returns has joined; `changed` have other particulars."""

    joined: tuple[PersonId, ...] = ()
    left: tuple[PersonId, ...] = ()
    changed: tuple[PersonId, ...] = ()


class People(AuditLog):
    """Who works here, and what they hold."""

    _own_staff: Staff | None = None
    _people_changed = False

    async def staff(self) -> Staff:
        """Everybody who is at the school now, in the order of its list. Cheap: read anew only after a change."""
        if self._own_staff is not None:
            return self._own_staff
        version = await self._people_version()
        cache = self._staff_cache
        if self._people_changed or cache.version != version:
            rows = (await self._read(_READ_STAFF)).all()
            here = [self._person(row.id, row.body) for row in rows if row.left_at is None]
            staff = Staff(here, [self._person(row.id, row.body) for row in rows if row.left_at is not None])
            if self._people_changed:  # not committed yet: nobody else may see it
                self._own_staff = staff
                return staff
            cache.version, cache.staff = version, staff
        self._own_staff = cache.staff
        return self._own_staff

    async def sync_people(self, entries: Sequence[PersonEntry]) -> PeopleChanges:
        """Makes the people what the list says. Whoever has an e-mail address keeps their id, also after coming back.

        An address at which somebody of quite another name stands now belongs to somebody new, who gets nothing of
        what the former one had. Somebody whose address changes, and who is the only one of their name, stays who
        they are: what they are left out of stays so. Those who are not in the list are marked as having left;
        nobody is deleted. Every join, leave and change of duties is audited, by ids.

        Raises:
            ValueError: two entries have the same e-mail address.
        """
        self._must_write()
        wanted = {entry.email.strip().lower(): entry for entry in entries}
        if len(wanted) != len(entries):
            raise ValueError("two people in the list have the same e-mail address")
        await self._lock_people()
        stored: dict[str, tuple[Row[Any], Person]] = {}
        for row in await self._read(_READ_ALL):
            person = self._person(row.id, row.body)
            if not row.email_index.startswith(_RELEASED):
                stored[person.email] = row, person
        handed_on = {
            email: found
            for email, found in stored.items()
            if email in wanted and not same_person(found[1].name, wanted[email].name)
        }
        for email in handed_on:
            del stored[email]
        _follow_addresses(stored, wanted)
        joined: list[PersonId] = []
        changed: list[PersonId] = []
        added: list[dict[str, object]] = []
        rewritten: list[dict[str, object]] = []
        for position, (email, entry) in enumerate(wanted.items()):
            index = self._keyring.index(_PURPOSE, email)
            found = stored.get(email)
            if found is None:
                new = _identified(PersonId(random_id()), entry, email)
                joined.append(new.id)
                self._audit_duties(new.id, None, new, joined=True)
                added.append(
                    {
                        "id": new.id,
                        "email_index": index,
                        "position": position,
                        "left_at": None,
                        "body": self._sealed(new),
                    }
                )
                continue
            row, old = found
            new = _identified(old.id, entry, email)
            if row.left_at is not None:
                joined.append(new.id)
                self._audit_duties(new.id, None, new, joined=True)
            elif new != old:
                changed.append(new.id)
                self._audit_duties(new.id, old, new)
            elif row.position == position and row.email_index == index:
                continue
            rewritten.append(_change(new.id, index, position, None, self._sealed(new)))
        left: list[PersonId] = []
        for email, (row, old) in stored.items():
            if email not in wanted and row.left_at is None:
                left.append(old.id)
                self._audit_duties(old.id, old, replace(old, duties=frozenset()))
                self.audit_later("person_left", person=old.id)
                index = self._keyring.index(_PURPOSE, email)
                rewritten.append(_change(old.id, index, row.position, self.now, row.body))
        for row, old in handed_on.values():
            if row.left_at is None:
                left.append(old.id)
                self._audit_duties(old.id, old, replace(old, duties=frozenset()))
                self.audit_later("person_left", person=old.id)
            at = row.left_at or self.now
            rewritten.append(_change(old.id, f"{_RELEASED}{old.id}", row.position, at, row.body))
        # Addresses are given up before anybody else gets them.
        if rewritten:
            await self._write(_CHANGE, rewritten)
        if added:
            await self._write(people.insert(), added)
        if added or rewritten:
            await self._write(update(numbers).where(numbers.c.name == _VERSION).values(value=numbers.c.value + 1))
            self._people_changed = True
            self._own_staff = None
        return PeopleChanges(joined=tuple(joined), left=tuple(left), changed=tuple(changed))

    async def _lock_people(self) -> None:
        """Two processes that read the list at the same time take turns (PostgreSQL)."""
        insert = self._insert(numbers).values(name=_VERSION, value=0)
        await self._write(insert.on_conflict_do_nothing(index_elements=["name"]))
        await self._read(_READ_VERSION.with_for_update())

    async def _people_version(self) -> int:
        return (await self._read(_READ_VERSION)).scalar() or 0

    def _person(self, person: str, body: bytes) -> Person:
        return read_person(PersonId(person), self._keyring.open(_PURPOSE, body, context=person))

    def _sealed(self, person: Person) -> bytes:
        return self._keyring.seal(_PURPOSE, person_bytes(person), context=person.id)

    def _audit_duties(self, person: PersonId, old: Person | None, new: Person, *, joined: bool = False) -> None:
        if joined:
            self.audit_later("person_joined", person=person)
        for action, duty in _duty_changes(old, new):
            self.audit_later(action, person=person, duty=duty)
        if new.other_emails != (old.other_emails if old is not None else ()):
            self.audit_later("accounts_linked", person=person, accounts=len(new.emails))


def renewed_person(keyring: Keyring, person: str, email_index: str, body: bytes) -> dict[str, object]:
    """What the newest key indexes and seals otherwise than it is stored (rotation).

    Raises:
        CannotOpen, Unreadable: the row was changed.
    """
    plain = keyring.open(_PURPOSE, body, context=person)
    index = keyring.index(_PURPOSE, read_person(PersonId(person), plain).email)
    changes: dict[str, object] = {}
    if not email_index.startswith(_RELEASED) and email_index != index:
        changes["email_index"] = index
    if not body.startswith(keyring.mark):
        changes["body"] = keyring.seal(_PURPOSE, plain, context=person)
    return changes


def _follow_addresses(stored: dict[str, tuple[Row[Any], Person]], wanted: Mapping[str, PersonEntry]) -> None:
    """Whoever leaves one address and stands at a new one, as the only one of their name, is found at the new one."""
    leaving = [(email, found) for email, found in stored.items() if email not in wanted and found[0].left_at is None]
    joining = [(email, entry) for email, entry in wanted.items() if email not in stored]
    for email, entry in joining:
        before = [one for one in leaving if same_name(one[1][1].name, entry.name)]
        after = [one for one in joining if same_name(one[1].name, entry.name)]
        if len(before) == len(after) == 1:
            stored[email] = stored.pop(before[0][0])


def _duty_changes(old: Person | None, new: Person) -> Iterator[tuple[str, str]]:
    had = old.duties if old is not None else frozenset()
    for duty in sorted(had - new.duties):
        yield "duty_taken", duty.value
    for duty in sorted(new.duties - had):
        yield "duty_given", duty.value


def _identified(person: PersonId, entry: PersonEntry, email: str) -> Person:
    return replace(Person.of(entry, person), email=email)


def _change(person: PersonId, index: str, position: int, left: object, body: bytes) -> dict[str, object]:
    return {"person": person, "email": index, "place": position, "left": left, "text": body}
