"""People as the stories know them: they type, press and fill in, on whatever platform they are."""

from bot.sandbox.players.player import Attachment, Choice, Done, Player, Shown
from bot.sandbox.players.slack import SlackPlayer
from bot.sandbox.players.teams import TeamsPlayer

__all__ = ["Attachment", "Choice", "Done", "Player", "Shown", "SlackPlayer", "TeamsPlayer"]
