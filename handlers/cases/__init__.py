"""The life cycle of a case: a file for each use case."""
