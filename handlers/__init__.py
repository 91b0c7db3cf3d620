"""What is done: commands, views, ports, and a package per life cycle with a file per use case."""
