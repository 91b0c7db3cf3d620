"""The words of a message that somebody reports: what a human reads of it, whatever was put into it."""

from __future__ import annotations

import pytest

from bot.teams.reported import MOST, words_of

HOSTILE = ("<", "</", "<!--", "<![", "<?", "<a ", "<a x='", "&", "&#", "&#x110000;", "<script>", "<![CDATA[", "<a" * 9)


def said(html: str) -> str:
    return words_of({"body": {"contentType": "html", "content": html}}).partition(":\n")[2]


@pytest.mark.parametrize(
    ("html", "reads"),
    [
        ("<div>Sam &amp; Kim</div>", "Sam & Kim"),
        ("<p>Sam</p><p>met</p>", "Sam\nmet"),
        ("one<br>two<BR/>three<br />four", "one\ntwo\nthree\nfour"),
        ("<b>bo</b>ld <a href='https://x.example'>link</a>", "bold link"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("1 &lt; 2 &gt; 0 &nbsp;&#128512;", "1 < 2 > 0 \xa0😀"),
        ("<img src='x' alt='y'>", ""),
        ("a < b", "a < b"),
        ("\u202eevil", "\u202eevil"),
        ("", ""),
    ],
)
def test_what_a_human_reads(html: str, reads: str) -> None:
    assert said(html) == reads


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_neither_takes_long_nor_stands_in_the_way(piece: str) -> None:
    text = piece * (4 * MOST // len(piece))
    assert said(f"Look at this {text}").startswith("Look at this")
