"""What is remembered: tables, unit of work, inbox, card outbox, due work, audit, sealing, migrations."""
