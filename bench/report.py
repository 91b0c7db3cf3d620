"""Prints the figures."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.figures import MS, Figures, Latency, Round, Size, middle, quantile
from bench.load import Platform

PACKAGES = (
    *("aiohttp", "slack-bolt", "slack-sdk", "microsoft-teams-apps", "pyjwt", "sqlalchemy", "aiosqlite", "cryptography"),
    "pydantic",
)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{psutil.cpu_count()} × {named[0] if named else platform.processor() or platform.machine()}"


def _file_system(folder: Path) -> str:
    best = max(
        (part for part in psutil.disk_partitions(all=True) if folder.is_relative_to(part.mountpoint)),
        key=lambda part: len(part.mountpoint),
        default=None,
    )
    return best.fstype if best is not None else "unknown"


def conditions(folder: Path) -> str:
    """Under what everything was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    commits = _commits(folder)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {_processor()} · {platform.system()} · database on "
        f"{_file_system(folder.resolve())}\nPython {platform.python_version()}, {packages}\n"
        f"one small commit there, synchronous=FULL: p50 {_ms(quantile(commits, 0.5))} ms, "
        f"p99 {_ms(quantile(commits, 0.99))} ms; load average before: {load}"
    )


def _commits(folder: Path) -> list[float]:
    """How long a small commit takes on this disk, in seconds: what no server can be quicker than."""
    seconds = []
    with closing(sqlite3.connect(folder / "probe.db", isolation_level=None)) as connection:
        for statement in ("pragma journal_mode=wal", "pragma synchronous=full", "create table probe (words)"):
            connection.execute(statement)
        for _ in range(200):
            connection.execute("begin immediate")
            connection.execute("insert into probe values (?)", ("x" * 500,))
            start = time.perf_counter()
            connection.execute("commit")
            seconds.append(time.perf_counter() - start)
    return seconds


class Neighbours:
    """What other programs take of this machine, from the making of this until `told`, once our servers have ended."""

    def __init__(self) -> None:
        self._start, self._all, self._own = time.monotonic(), self._busy(), self._ours()

    def told(self) -> str:
        """In words."""
        others = (self._busy() - self._all) - (self._ours() - self._own)
        return f"other programs kept {max(others, 0) / (time.monotonic() - self._start):.2f} processors busy meanwhile"

    def _busy(self) -> float:
        now = psutil.cpu_times()
        return float(now.user + now.system + getattr(now, "nice", 0) + getattr(now, "softirq", 0))

    def _ours(self) -> float:
        now = os.times()
        return now.user + now.system + now.children_user + now.children_system


def show(platform: Platform, figures: Figures, console: Console) -> None:
    """Prints everything about one platform as tables."""
    console.rule(platform.name)
    console.print(_throughput(platform, figures))
    console.print(_latencies("Ack, open loop (from the moment it was due)", figures.acks))
    where = f"From sending the second screen until the message is with {platform.name}"
    console.print(_latencies(where, figures.alerts))
    console.print(_rest(platform, figures))
    if figures.failures():
        console.print(f"[bold red]{figures.failures()} failed[/bold red]")


def show_sizes(sizes: list[Size], console: Console) -> None:
    """Prints how large Staffroom is with one platform and with both."""
    table = Table(title="Resident memory of Staffroom (MB)")
    table.add_column("platforms")
    table.add_column("after start", justify="right")
    table.add_column(f"after {sizes[0].requests:,} requests", justify="right")
    for one in sizes:
        table.add_row(one.name, f"{one.at_start:.0f}", f"{one.later:.0f}")
    console.print(table)


def _throughput(platform: Platform, figures: Figures) -> Table:
    table = Table(title="Requests a second, closed loop, 64 connections (median of rounds, lowest–highest)")
    for heading in ("request", "Staffroom", platform.bare, "ratio", "CPU of it / load", "bare: CPU / load", "failed"):
        table.add_column(heading, justify="left" if heading == "request" else "right")
    for kind in figures.throughput:
        failed = sum(one.failed for one in (*kind.staffroom, *kind.bare))
        table.add_row(
            kind.name,
            _spread([one.per_second for one in kind.staffroom], "{:,.0f}"),
            _spread([one.per_second for one in kind.bare], "{:,.0f}"),
            _spread(kind.ratios, "{:.3f}"),
            _processors(kind.staffroom),
            _processors(kind.bare),
            str(failed),
        )
    return table


def _processors(rounds: list[Round]) -> str:
    return f"{middle([one.cpu for one in rounds]):.2f} / {middle([one.load_cpu for one in rounds]):.2f}"


def _latencies(title: str, rows: list[Latency]) -> Table:
    table = Table(title=f"{title}, in ms")
    for heading in ("what", "n", "p50", "p99", "max", "p99 by round", "sent late p99", "failed"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in rows:
        values = row.all
        if not values:
            table.add_row(row.name, "0", *["–"] * 5, str(row.failed))
            continue
        by_round = " ".join(_ms(quantile(one, 0.99)) for one in row.rounds if one)
        late = _ms(quantile(row.late, 0.99)) if row.late else "–"
        cells = [_ms(quantile(values, 0.5)), _ms(quantile(values, 0.99)), _ms(max(values)), by_round, late]
        table.add_row(row.name, f"{len(values):,}", *cells, str(row.failed))
    return table


def _rest(platform: Platform, figures: Figures) -> Table:
    table = Table(title="Start, memory, worker")
    table.add_column("what")
    table.add_column("Staffroom", justify="right")
    table.add_column(platform.bare, justify="right")
    for what, seconds in figures.starts.items():
        table.add_row(f"start to /readyz 200, {what} (s)", _spread(seconds, "{:.2f}"), "")
    table.add_row("start until it listens (s)", "", _spread(figures.bare_starts, "{:.2f}"))
    for when, (ours, theirs) in figures.resident.items():
        table.add_row(f"resident memory, {when} (MB)", f"{ours:.0f}", f"{theirs:.0f}")
    table.add_row(
        "messages delivered a second, nothing else asked", _spread(figures.delivered_per_second, "{:.0f}"), ""
    )
    return table


def _spread(values: list[float], form: str) -> str:
    text = form.format(middle(values))
    return text if len(values) < 2 else f"{text} ({form.format(min(values))}–{form.format(max(values))})"


def _ms(seconds: float) -> str:
    return f"{seconds * MS:,.{1 if seconds >= 0.001 else 2}f}"
