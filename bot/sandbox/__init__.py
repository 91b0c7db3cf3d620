"""A school on this machine: a Slack that is none, and invented people who use it. Only `tour` and tests come here."""
