"""Slack's published limits, in characters unless the name says otherwise.

Sources: the Block Kit, views and chat reference pages of docs.slack.dev; the limit on all blocks of a message
together is undocumented and comes from issue 2509 of slackapi/bolt-js (about 13,200 characters).
"""

from __future__ import annotations

from typing import Final

ACK_SECONDS: Final = 3.0
TRIGGER_SECONDS: Final = 3.0
RESPONSE_URL_SECONDS: Final = 1800.0
RESPONSE_URL_USES: Final = 5

MESSAGE_BLOCKS: Final = 50
MESSAGE_TEXT: Final = 40_000
MESSAGE_ALL_BLOCKS: Final = 13_000

VIEW_BLOCKS: Final = 100
VIEW_BYTES: Final = 250_000
VIEW_STACK: Final = 3
VIEW_BUTTON: Final = 24
PRIVATE_METADATA: Final = 3000
CALLBACK_ID: Final = 255
EXTERNAL_ID: Final = 255

IDENTIFIER: Final = 255
TEXT: Final = 3000
SECTION_FIELDS: Final = 10
SECTION_FIELD: Final = 2000
HEADER: Final = 150
CONTEXT_ELEMENTS: Final = 10
ACTIONS_ELEMENTS: Final = 25
INPUT_LABEL: Final = 2000
PLACEHOLDER: Final = 150
INPUT_TEXT: Final = 3000
MARKDOWN: Final = 12_000
IMAGE_TEXT: Final = 2000
URL: Final = 3000

BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2000
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTION_DESCRIPTION: Final = 75
OPTIONS: Final = 100
CHOICES: Final = 10
OVERFLOW_OPTIONS: Final = 5
FILES: Final = 10
FILE_BYTES: Final = 10 * 1024 * 1024
SUGGESTION_MINIMUM: Final = 3

CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
