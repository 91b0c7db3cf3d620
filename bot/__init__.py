"""How Staffroom listens, speaks and wakes: chat platforms, worker, web server, settings, command line."""
