"""`staffroom drill`: begins a drill beside the Staffroom that runs, which delivers it."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from bot.app import secret_keys
from bot.clock import SystemClock
from bot.profiles import load_profile
from bot.settings import Settings
from handlers.commands import SendDrill
from handlers.handlers import Handlers
from handlers.views import Notice
from policy.errors import SettingsError
from policy.people import Duty, Person
from policy.school import School
from storage.database import Database


async def begin_drill(settings: Settings, level: str, say: Callable[[str], None]) -> int:
    """Begins a drill of this level in the name of the DSL, and says its reference; 1 where none was begun.

    Raises:
        SettingsError: nobody is the DSL.
        storage.errors.StorageError: there is no database, or it cannot be opened as it is.
    """
    keys = secret_keys(settings)
    # A wrong address or wrong keys are told before anything is made there.
    await (await Database.look(settings.database_url, keys, clock=SystemClock())).close()
    database = await Database.open(settings.database_url, keys, clock=SystemClock())
    try:
        handlers = Handlers(database, load_profile(settings.profile or "astor"))
        async with database.reading() as uow:
            dsl = _dsl(await handlers.school(uow), database)
        command = SendDrill(
            actor=dsl.id, key=f"drill:{secrets.token_hex(16)}", token=secrets.token_hex(16), answers={"level": level}
        )
        reply = await handlers.handle(command)
    finally:
        await database.close()
    if isinstance(reply.view, Notice):
        say(reply.view.text)
    if not reply.accepted:
        return 1
    say("The Staffroom that runs delivers it. The DSL reads how long each person took: /staffroom, See the times.")
    return 0


def _dsl(school: School, database: Database) -> Person:
    holding = school.staff.holding(Duty.DSL)
    if not holding:
        raise SettingsError("Nobody on the staff list is the DSL, in whose name a drill is run. See `staffroom check`.")
    today = school.today(database.now())
    return min(holding, key=lambda person: person.away(today))
