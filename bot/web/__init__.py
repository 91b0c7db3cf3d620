"""The web server: what platforms send, and whether Staffroom is well."""
