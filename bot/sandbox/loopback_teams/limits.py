"""Teams' published limits; sizes in bytes, times in seconds.

Sources: learn.microsoft.com, "Format your bot messages", "Rate limiting", "Universal Actions for Adaptive Cards"
and "Typeahead search in Adaptive Cards". The budget for a card is this project's own: room below the hard limit.
"""

from __future__ import annotations

from typing import Final

INVOKE_SECONDS: Final = 5.0
MESSAGE_SECONDS: Final = 15.0
TOKEN_SECONDS: Final = 3600

CARD_BYTES: Final = 28 * 1024
CARD_BUDGET: Final = 25 * 1024
MESSAGE_BYTES: Final = 100 * 1024

CARD_VERSION: Final = (1, 5)
EXECUTE_VERSION: Final = (1, 4)
TABLE_VERSION: Final = (1, 5)
VALIDATION_VERSION: Final = (1, 3)
PRIMARY_ACTIONS: Final = 6
REFRESH_USERS: Final = 60
TYPEAHEAD_RESULTS: Final = 15

# (requests, within seconds): per conversation, for sending and creating; twice as much for the roster.
SEND_RATES: Final = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
ROSTER_RATES: Final = ((14, 1.0), (16, 2.0), (120, 30.0), (3600, 3600.0))
