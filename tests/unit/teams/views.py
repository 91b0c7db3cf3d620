"""Every view there is, with text that tries to do something or is too long: for whoever draws or checks them."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.views import (
    AccessEnded,
    Button,
    Buttons,
    Card,
    CaseAlert,
    CaseCard,
    CaseDetail,
    Choice,
    DateInput,
    Dialog,
    Digest,
    DutyNote,
    FilePicker,
    FilesWanted,
    Form,
    Home,
    HomeRow,
    Line,
    Link,
    Notice,
    Option,
    Part,
    PersonPicker,
    Quote,
    Receipt,
    TextInput,
    Tick,
    TimeInput,
    Unanswered,
    Words,
)

NASTY = (
    "**b** _i_ `c` [y](https://x.example) https://z.example <at>Ada</at> &amp; # h "
    "{{DATE(2020-01-01T00:00:00Z)}} \u202eabc"
)
TAKE = Button(action="case.take", label="I'll take it", token="a" * 32 + ":1", style="primary")
OPEN = Button(action="case.open", label="Open", token="a" * 32 + ":1")
DANGER = Button(action="case.note", label=NASTY * 3, token="t", style="danger")
EVERY_PART: tuple[Part, ...] = (
    Words(text=NASTY),
    Words(text=NASTY, style="warning"),
    Words(text=NASTY, style="small"),
    Quote(label=NASTY, text=NASTY),
    Choice(id="choice", label=NASTY, hint=NASTY, options=(Option("a", NASTY), Option("b", "B"), Option("a", "A"))),
    PersonPicker(id="one", label=NASTY, value=(Option("p", NASTY), Option("q", "Q"))),
    PersonPicker(id="many", label=NASTY, many=True, value=(Option("p", NASTY), Option("q", "Q")), action="case.open"),
    TextInput(id="line", label=NASTY, value=NASTY),
    TextInput(id="lines", label=NASTY, value=NASTY, multiline=True, required=True),
    DateInput(id="date", label=NASTY, value="2026-10-05"),
    DateInput(id="no-date", label=NASTY, value="tomorrow"),
    TimeInput(id="time", label=NASTY, value="10:20"),
    TimeInput(id="no-time", label=NASTY, value="25:00"),
    FilePicker(id="files", label=NASTY, hint=NASTY, kept=NASTY),
    Tick(id="tick", label=NASTY, value=True),
    Buttons((TAKE, OPEN, DANGER)),
)
MANY_OPTIONS = Choice(
    id="which", label="Which?", required=False, options=tuple(Option(str(n), f"Answer {n}") for n in range(20))
)
EVERY_FIELD = ("choice", "one", "many", "line", "lines", "date", "no-date", "time", "no-time", "files", "tick")
ROW = HomeRow(text=NASTY, buttons=(TAKE, OPEN))
LINES = tuple(Line(when=f"Mon {n}", who="Ada", what="noted", text=f"note {n} {NASTY}") for n in range(300))
LONG_CASE = CaseDetail(
    reference="R7K4Q",
    title=NASTY,
    status=NASTY,
    facts=((NASTY, NASTY), ("Reported by", NASTY)),
    quotes=(Quote(label=NASTY, text=NASTY * 200), Quote(label="Nothing", text="")),
    asks=(NASTY, "Is the child safe?"),
    chronology=LINES,
    buttons=(TAKE, OPEN, DANGER),
    files=(NASTY,) * 50,
    link=Link("See the evidence", "https://staffroom.school.example/evidence/x"),
)

PHONES = ("Carol Chambers, 01632 960107", "Victor Vance, 01632 960108")
PLAIN: Mapping[str, Card] = {
    "drill-alert": CaseAlert(
        reference="R7K4Q",
        reply_by="10:30 on Tue 17 Nov",
        then="the next person is asked",
        phone=(),
        buttons=(TAKE,),
        drill=True,
    ),
    "drill-card": CaseCard(reference="R7K4Q", status="You have acknowledged it.", news="", buttons=(), drill=True),
    "drill-unanswered": Unanswered(reference="R7K4Q", since="10:20 on Tue 17 Nov", phone=PHONES, drill=True),
    "unanswered": Unanswered(reference="R7K4Q", since="10:20 on Tue 17 Nov", phone=PHONES),
    "files-wanted": FilesWanted(reference="R7K4Q", files=("2 files saved.",), open=True, buttons=(OPEN,)),
    "digest": Digest(
        rows=tuple(
            HomeRow(
                text=f"Report {reference}. Reply by 15:30 on Tue 17 Nov.",
                buttons=(Button(action="case.open", label=f"Open {reference}", token="a" * 32 + ":1"),),
            )
            for reference in ("R7K4Q", "M3XQT")
        ),
        buttons=(Button(action="home.show", label="Open Staffroom", token="home"),),
    ),
    "digest-empty": Digest(rows=()),
    "duty-note": DutyNote(
        title="Records",
        text="2 reports have reached the end of their period.",
        lines=("Nothing is erased by itself.",),
        buttons=(OPEN,),
    ),
    "access-ended": AccessEnded(reference="R7K4Q", status="You have nothing more to do with it."),
}
"""Cards as they really look, by name."""
CARDS: Mapping[str, Card] = {
    "alert": CaseAlert(reference="R", reply_by=NASTY, then="", phone=(NASTY,) * 20, buttons=(TAKE, OPEN)),
    "case-card": CaseCard(reference="R", status=NASTY, news=NASTY, buttons=(TAKE,) * 9),
    "case-card-without-buttons": CaseCard(reference="R", status=NASTY, news="", buttons=()),
    "unanswered": Unanswered(reference="R", since="10:20", phone=(NASTY,)),
    "digest": Digest(rows=(ROW,) * 10, more=NASTY, buttons=(OPEN,)),
    "digest-empty": Digest(rows=()),
    "access-ended": AccessEnded(reference="R", status=NASTY * 50),
    "duty-note": DutyNote(title=NASTY, text=NASTY * 50, lines=(NASTY,) * 20, buttons=(TAKE,)),
    "files-wanted": FilesWanted(reference="R", files=(NASTY,) * 60, open=False, buttons=()),
    "receipt": Receipt(
        reference="R7K4Q",
        received="10:20",
        sent_to=NASTY,
        status=NASTY,
        advice=(NASTY,) * 20,
        contact=NASTY * 50,
        buttons=(OPEN,),
        files=(NASTY,) * 60,
        urgent=True,
    ),
}
"""Cards by name."""
DIALOGS: Mapping[str, Dialog] = {
    "form": Form(
        id="f",
        title=NASTY,
        submit=NASTY,
        token="d" * 32,
        parts=(*EVERY_PART, MANY_OPTIONS),
        errors={"": NASTY, **dict.fromkeys(EVERY_FIELD, NASTY)},
    ),
    "form-empty": Form(id="f", title="Title", submit="", token="d" * 32, parts=()),
    "notice": Notice(title=NASTY, text=NASTY, kept=NASTY * 200),
    "notice-with-buttons": Notice(title=NASTY, text=NASTY, buttons=(TAKE, OPEN, DANGER)),
    "notice-long": Notice(title="T", text="", kept="word " * 20_000),
    "case": LONG_CASE,
    "home": Home(
        school=NASTY, begun=(ROW,), waiting=(ROW,) * 10, mine=(ROW,) * 10, contact=NASTY, explains=(NASTY, "So.")
    ),
    "home-full": Home(school="Astor", begun=(), waiting=(ROW,) * 500, mine=(), contact="Dee", explains=("So.",)),
    "home-empty": Home(school="Astor", begun=(), waiting=(), mine=(), contact=""),
}
"""Dialogs by name."""
