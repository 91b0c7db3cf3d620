"""A loopback Teams: a real HTTP server that behaves as Microsoft Teams does towards a bot, and people who act in it.

It knows the protocols of Teams, the Bot Connector and their login only, nothing of the bot. Source of what it
enforces: learn.microsoft.com and adaptivecards.io.
"""

from bot.sandbox.loopback_teams.cards import card_problems
from bot.sandbox.loopback_teams.faults import Faults
from bot.sandbox.loopback_teams.interaction import Interaction
from bot.sandbox.loopback_teams.loopback import LoopbackTeams
from bot.sandbox.loopback_teams.parts import Button, ClientRefuses, Field, File, Option
from bot.sandbox.loopback_teams.people import TeamsPerson
from bot.sandbox.loopback_teams.screen import Dialog, Message
from bot.sandbox.loopback_teams.tenant import Call

__all__ = [
    "Button",
    "Call",
    "ClientRefuses",
    "Dialog",
    "Faults",
    "Field",
    "File",
    "Interaction",
    "LoopbackTeams",
    "Message",
    "Option",
    "TeamsPerson",
    "card_problems",
]
