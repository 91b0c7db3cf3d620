"""What the documents name is there: tests, labels on the screen, other pages."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.glob("*.md")])
FOR_PEOPLE = ("for-staff.md", "for-the-dsl.md", "for-the-headteacher.md", "for-the-dpo.md")
SHOWN_FROM = ("handlers", "bot/slack", "bot/teams", "bot/web", "policy/processes")
"""Where the words that stand on screens are written."""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def shown() -> frozenset[str]:
    """Every string that a screen may show, whole."""
    words: set[str] = set()
    for folder in SHOWN_FROM:
        for file in (ROOT / folder).rglob("*.py"):
            nodes = ast.walk(ast.parse(text_of(file)))
            words |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        for file in (ROOT / folder).rglob("*.html"):
            words |= {html.unescape(word).strip() for word in re.findall(r">([^<>{}]+)<", text_of(file))}
    return frozenset(words)


TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", text_of(DOCS / "threat-model.md"))))
LABELS = sorted(
    {(page, label) for page in FOR_PEOPLE for label in re.findall(r"\*\*(.+?)\*\*", text_of(DOCS / page), re.DOTALL)}
)
LABELS += [
    ("README.md", label)
    for label in re.findall(
        r"\*([^*|]+)\*", text_of(ROOT / "README.md").partition("## What people can do")[2].partition("\n## ")[0]
    )
]
SHOWN = shown()


@pytest.mark.parametrize("test", TESTS)
def test_every_test_that_the_threat_model_names_exists(test: str) -> None:
    path, _, name = test.partition("::")
    file = ROOT / path
    assert file.is_file(), path
    assert re.search(rf"^\s*(?:async )?def {name}\(", text_of(file), re.MULTILINE), name


@pytest.mark.parametrize(
    "threat", re.split(r"^### ", text_of(DOCS / "threat-model.md"), flags=re.MULTILINE)[1:], ids=lambda t: t[:40]
)
def test_every_threat_says_what_does_not_stop_it_and_what_shows_the_rest(threat: str) -> None:
    assert "- What stops" in threat
    assert "- What does not" in threat
    assert re.search(r"^- Shown by\s+`tests/", threat, re.MULTILINE)


@pytest.mark.parametrize(("page", "label"), LABELS)
def test_every_label_that_a_page_shows_is_on_a_screen(page: str, label: str) -> None:
    assert " ".join(label.split()) in SHOWN, page


@pytest.mark.parametrize("page", FOR_PEOPLE)
def test_a_page_for_people_begins_with_emergencies(page: str) -> None:
    _, _, body = text_of(DOCS / page).partition("\n\n")
    assert "999" in body.partition("\n\n")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_another_page_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(#[^)\s]*)?\)", text_of(page)):
        file = page.parent / target if target else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            titles = re.findall(r"^#+ (.+)$", text_of(file), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor[1:] in slugs, anchor


@pytest.mark.parametrize("page", FOR_PEOPLE)
def test_the_readme_leads_to_every_page_for_people(page: str) -> None:
    assert f"(docs/{page})" in text_of(ROOT / "README.md")


def test_the_readme_leads_to_the_threat_model() -> None:
    assert "(docs/threat-model.md)" in text_of(ROOT / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_marked_as_not_there_yet_has_an_end(page: Path) -> None:
    marks = re.findall(r"<!-- (?:(pending|until): [a-z ]+|/(pending|until)) -->", text_of(page))
    begun, ended = [mark[0] for mark in marks[::2]], [mark[1] for mark in marks[1::2]]
    assert begun == ended
