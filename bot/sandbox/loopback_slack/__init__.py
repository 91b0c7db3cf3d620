"""A loopback Slack: a real HTTP server that behaves as Slack does towards a bot, and people who act in it.

It knows Slack's protocol only, nothing of the bot. Source of what it enforces: docs.slack.dev.
"""

from bot.sandbox.loopback_slack.faults import Faults
from bot.sandbox.loopback_slack.files import File
from bot.sandbox.loopback_slack.interaction import Interaction
from bot.sandbox.loopback_slack.loopback import LoopbackSlack
from bot.sandbox.loopback_slack.parts import Button, ClientRefuses, Field, Option
from bot.sandbox.loopback_slack.people import SlackPerson
from bot.sandbox.loopback_slack.screen import Message, View
from bot.sandbox.loopback_slack.workspace import Call

__all__ = [
    "Button",
    "Call",
    "ClientRefuses",
    "Faults",
    "Field",
    "File",
    "Interaction",
    "LoopbackSlack",
    "Message",
    "Option",
    "SlackPerson",
    "View",
]
