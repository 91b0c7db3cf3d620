"""What the school has decided: people and duties, profiles, processes, life cycles, routing.

Pure: no I/O, no database, no wall clock. `now` is always an argument, in UTC.
"""
