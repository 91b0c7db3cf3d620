"""`make tour`: the main job, played by signed requests against a pretend Slack and Teams on this computer, and told.

Reports about a pupil, about the headteacher, one filed on Teams that nobody takes while the clock moves on, and some
with screenshots; then a look at what is kept. What is told is read from what stands in each person's Slack or Teams,
and every step is checked: the exit code is 1 when anything is not as it should be.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from bot.logs import set_up_logs
from bot.sandbox.players import Player, Shown
from bot.sandbox.tour_evidence import screenshots
from bot.sandbox.world import World
from storage.audit import verify

REPORT = "/report-incident"


SECRET = ("Ollie", "9B", "Instagram", "follow", "friend", "Tess", "pupil", "P01", "S3")
"""What the first report is about: none of it may stand in an alert."""


class NotAsItShouldBe(Exception):
    """Something in the tour was not as it should be; the message says what."""


class Tour:
    """Plays, tells and checks."""

    def __init__(self, world: World, console: Console) -> None:
        self.world = world
        self.console = console
        self.checks = 0

    def says(self, text: str) -> None:
        """Tells what happens."""
        self.console.print(f"  [dim]{self.clock}[/dim]  {text}")

    @property
    def clock(self) -> str:
        """The school's clock."""
        return f"{self.world.clock.now():%H:%M}"

    def shows(self, name: str, thing: Shown, title: str, *, player: Player | None = None) -> None:
        """Shows what a person sees, and on which platform: there where they act, or as `player`."""
        where = self.platform(player or self.world.people[name])
        said = f"{self._named(name)}, on {where}: {title}"
        self.console.print(Panel(escape(thing.text), title=said, title_align="left", width=92))

    def platform(self, player: Player) -> str:
        """What people call the platform on which this is."""
        return "Teams" if player in self.world.teams_people.values() else "Slack"

    def check(self, what: str, holds: bool) -> None:
        """Checks that something is as it should be.

        Raises:
            NotAsItShouldBe: it is not.
        """
        if not holds:
            raise NotAsItShouldBe(what)
        self.checks += 1
        self.console.print(f"         [green]✓[/green] {escape(what)}")

    def _named(self, name: str) -> str:
        return self.world.people[name].name

    def read(self, name: str) -> str:
        """Everything in the person's messages with Staffroom."""
        return "\n".join(card.text for card in self.world.cards(name))

    def screen(self, name: str) -> Shown:
        """What is open on the person's screen."""
        shown = self.world.people[name].screen
        if shown is None:
            raise NotAsItShouldBe(f"nothing opened on {self._named(name)}'s screen")
        return shown

    async def file(self, name: str, triage: dict[str, str], what_happened: str, *, show: bool = False) -> str:
        """The person files a report; returns its reference."""
        person = self.world.people[name]
        platform = self.platform(person)
        typed = REPORT if platform == "Slack" else REPORT.removeprefix("/")
        self.says(f"{person.name} types [bold]{typed}[/bold] on {platform}")
        await person.command(REPORT, "")
        if show:
            self.shows(name, self.screen(name), "the first screen")
        await person.submit(self.screen(name), dict(triage))
        if show:
            self.shows(name, self.screen(name), "the second screen")
        self.says(f"{person.name} answers, and writes: [italic]{escape(what_happened)}[/italic]")
        await person.submit(self.screen(name), {"what_happened": what_happened, "source": "saw_it"})
        await self.world.settle()
        receipt = self.world.cards(name)[-1]
        self.shows(name, receipt, "the receipt")
        return self.world.reference(name)

    def asked(self) -> set[str]:
        """Who is asked to take something."""
        return {
            name for name in self.world.people if any("case.take" in card.buttons for card in self.world.cards(name))
        }


async def a_pupil(tour: Tour) -> None:
    """A pupil asks to follow a teacher; the DSL takes it and finishes it."""
    world = tour.world
    triage = {"kind": "friend_request", "concerns": "pupil", "danger": "no", "imagery": "no"}
    reference = await tour.file("tess", triage, "Ollie in 9B asked to follow me on Instagram.", show=True)
    tour.check("the headteacher and the DSL are asked, nobody else", tour.asked() == {"hana", "priya"})
    phones = world.people["priya"].notifications
    tour.check("Priya's phone says only “Staffroom needs you”", phones == ["Staffroom needs you"])
    tour.shows("priya", world.cards("priya")[-1], "the alert")
    tour.check("the alert has no name, kind or content", not any(word in tour.read("priya") for word in SECRET))
    tour.says("Priya presses [bold]I'll take it[/bold]")
    await world.people["priya"].press(world.cards("priya")[-1], "case.take")
    await world.settle()
    tour.shows("priya", tour.screen("priya"), "the case")
    tour.check("Hana's card says who has it", "Priya Shah has had it" in tour.read("hana"))
    tour.check("Tess reads that it was picked up", "Picked up by Priya Shah" in tour.read("tess"))
    await world.people["priya"].press(world.cards("priya")[-1], "case.finish")
    answers = {"outcome": "dealt_with", "note": "Spoke to Ollie and his mother."}
    await world.people["priya"].submit(tour.screen("priya"), answers)
    await world.settle()
    told = tour.read("tess")
    tour.check(f"{reference} is finished: Tess is told that, not how", "Finished by" in told and "mother" not in told)


async def the_headteacher(tour: Tour) -> None:
    """A report about the headteacher goes to the chair of governors; the head learns nothing."""
    world = tour.world
    before = tour.read("hana")
    triage = {"kind": "hurtful_posts", "concerns": "headteacher", "danger": "no", "imagery": "no"}
    reference = await tour.file("tess", triage, "She wrote about a pupil's family in a public post.")
    tour.check("only the chair of governors is asked", tour.asked() == {"carol"})
    stale = next(card for card in world.cards("hana") if card.buttons)
    record = world.cards("carol")[-1].buttons["case.open"]
    tour.says("Hana tries a forged button with the case's own id")
    await world.people["hana"].press(stale, next(iter(stale.buttons)), value=record)
    tour.check("she is refused", "isn't open to you" in tour.screen("hana").text)
    await world.people["hana"].close(tour.screen("hana"))
    tour.says("[bold]Three hours pass[/bold]")
    await world.later(hours=3)
    tour.check("Hana's messages are as they were, and her phone stayed dark", tour.read("hana") == before)
    await world.people["carol"].press(world.cards("carol")[-1], "case.take")
    await world.settle()
    tour.check(f"the chair has {reference}", "You have had it" in tour.read("carol"))


async def nobody_takes_it(tour: Tour) -> None:
    """A child told somebody something, on Teams, and nobody answers; Staffroom is restarted in the middle."""
    world = tour.world
    world.people["tess"] = world.teams_people["tess"]
    tour.says("Tess is on Teams now, in her own chat with Staffroom")
    triage = {"kind": "child_told_me", "concerns": "parent", "danger": "no", "imagery": "no"}
    await tour.file("tess", triage, "She said: I don't want to go home.", show=True)
    tour.check("the DSL and the deputy are asked", {"priya", "leo"} <= tour.asked())
    await world.later(minutes=10)
    tour.says("ten minutes later nobody has answered: they are asked again")
    tour.says("Staffroom is stopped and started again")
    await world.restart()
    await world.later(minutes=10)
    tour.says("ten minutes later")
    tour.check("the senior leaders are asked as well", {"david", "sam"} <= tour.asked())
    await world.later(minutes=10)
    tour.says("ten minutes later the chair of governors is told whom to phone")
    tour.shows("carol", world.cards("carol")[-1], "told whom to phone")
    rung = len(world.people["leo"].notifications)
    await world.later(minutes=10)
    tour.says("ten minutes later")
    tour.check("the last step repeats until somebody has it", len(world.people["leo"].notifications) == rung + 1)
    leos: tuple[Player, ...] = (world.slack_people["leo"], world.teams_people["leo"])
    both = all("case.take" in player.cards[-1].buttons for player in leos)
    tour.check("the urgent alert stands on Slack and on Teams", both)
    on_teams = world.teams_people["leo"]
    tour.shows("leo", on_teams.cards[-1], "the alert", player=on_teams)
    tour.says("Leo presses [bold]I'll take it[/bold] on Teams")
    await on_teams.press(on_teams.cards[-1], "case.take")
    await world.settle()
    tour.shows("leo", on_teams.cards[-1], "the same card, after he has pressed", player=on_teams)
    told = [player.cards[-1].text for player in leos]
    tour.check("his card on Slack says it too", all("You have had it" in text for text in told))
    rung = len(world.people["leo"].notifications)
    await world.later(hours=12)
    tour.check("and then it is quiet", len(world.people["leo"].notifications) == rung)


async def keeping_it(tour: Tour) -> None:
    """What is kept is sealed, and the audit is whole."""
    report = await verify(tour.world.running.database)
    tour.check(f"the audit's {report.rows} rows are intact", not report.problems)
    await tour.world.stop()
    stored = b"".join(path.read_bytes() for path in tour.world.folder.glob("staffroom.db*"))
    words = (b"Ollie", b"Instagram", b"go home", b"Hughes")
    tour.check("no name and no word of a report stands readable on the disk", not any(word in stored for word in words))
    files = [path.read_bytes() for path in (tour.world.folder / "data" / "evidence").iterdir()]
    tour.check("nor does a screenshot", len(files) == 2 and not any(b"PNG" in one[:64] for one in files))
    tour.check("Slack and Teams refused nothing that Staffroom sent", tour.world.violations == [])


PARTS: tuple[tuple[str, Callable[[Tour], Awaitable[None]]], ...] = (
    ("A pupil asked to follow a teacher", a_pupil),
    ("A report about the headteacher", the_headteacher),
    ("A child told somebody, and nobody answers", nobody_takes_it),
    ("Screenshots", screenshots),
    ("What is kept", keeping_it),
)


async def play(console: Console | None = None) -> int:
    """Plays the tour; returns the exit code: 0, or 1 when something was not as it should be."""
    set_up_logs(level=logging.CRITICAL)
    console = console or Console(width=100, highlight=False)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="staffroom-tour-") as folder:
        world = await World.open(Path(folder), platform="both")
        tour = Tour(world, console)
        console.print(
            "An invented school: [bold]Tess[/bold] teaches, [bold]Hana[/bold] is the headteacher, "
            "[bold]David[/bold] and [bold]Sam[/bold] are senior leaders,\n[bold]Priya[/bold] is the DSL, "
            "[bold]Leo[/bold] the deputy DSL, [bold]Carol[/bold] chairs the governors. Nothing leaves this "
            "computer.\nThree reports are played, on a pretend Slack and Teams; then comes a look at what is kept."
        )
        try:
            for number, (title, part) in enumerate(PARTS, start=1):
                console.rule(f"[bold]{number} of {len(PARTS)}: {title}", align="left")
                await part(tour)
        except (NotAsItShouldBe, AssertionError, StopIteration, TimeoutError) as error:
            console.print(f"[bold red]✗ Not as it should be:[/bold red] {escape(str(error) or type(error).__name__)}")
            return 1
        finally:
            await world.close()
    console.rule()
    console.print(
        f"[bold green]{tour.checks} checks, all as they should be[/bold green], in {time.monotonic() - began:.1f} s."
    )
    return 0
