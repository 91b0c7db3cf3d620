"""The benchmark: Staffroom against a bare Bolt app, on this machine alone. `docs/figures.md` has figures and method."""
