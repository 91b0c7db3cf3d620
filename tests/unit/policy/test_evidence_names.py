import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.case import RecordId
from policy.evidence import EvidenceFile, EvidenceId, FileKind, FileState
from policy.evidence_names import safe_name, shown_names
from policy.people import PersonId

names = st.text(max_size=300)
kinds = st.one_of(st.none(), st.sampled_from(FileKind))


def file(number: int, name: str, kind: FileKind | None = FileKind.PNG) -> EvidenceFile:
    return EvidenceFile(
        id=EvidenceId(f"{number:032}"),
        record=RecordId("1" * 32),
        number=number,
        state=FileState.KEPT,
        platform="slack",
        file_id=f"F{number}",
        place="",
        name=name,
        said_size=None,
        added_by=PersonId("a" * 32),
        added_at=datetime(2026, 9, 22, 9, 20, tzinfo=UTC),
        kind=kind,
    )


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("IMG_1.PNG", FileKind.PNG, "IMG_1.PNG"),
        ("IMG_1.jpeg", FileKind.JPEG, "IMG_1.jpeg"),
        ("homework.exe", FileKind.PNG, "homework.png"),
        ("homework.pdf.exe", FileKind.PNG, "homework.pdf.png"),
        ("Mr. Hill said this", FileKind.TEXT, "Mr. Hill said this.txt"),
        ("../../etc/passwd", FileKind.TEXT, "_.._etc_passwd.txt"),
        ("C:\\x\\y.png", FileKind.PNG, "C__x_y.png"),
        ("invoice\u202egnp.exe", FileKind.JPEG, "invoicegnp.jpg"),
        ("a\u200bb\r\nc\x00d.png", FileKind.PNG, "ab cd.png"),
        ("", FileKind.HEIC, "file.heic"),
        (" . ", FileKind.PDF, "file.pdf"),
        (".png", FileKind.PNG, "png.png"),
        ("\u200b\u3164", None, "file"),
        ("CON.png", FileKind.PNG, "_CON.png"),
        ("Zażółć \U0001f62d.png", FileKind.PNG, "Zażółć \U0001f62d.png"),
        ("tool.exe", None, "tool.exe"),
    ],
)
def test_a_name_is_harmless_and_ends_as_its_bytes_are(name: str, kind: FileKind | None, shown: str) -> None:
    assert safe_name(name, kind) == shown


@given(name=names, kind=kinds)
def test_any_name_is_harmless(name: str, kind: FileKind | None) -> None:
    shown = safe_name(name, kind)
    assert 0 < len(shown) <= 100
    assert len(shown.encode()) <= 200
    assert not set(shown) & set('/\\:*?"<>|\r\n\t')
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in shown)
    assert not shown.startswith((".", " "))
    assert not shown.endswith((".", " "))
    if kind is not None:
        assert shown.rpartition(".")[2].casefold() in kind.extensions


def test_files_of_one_name_are_told_apart() -> None:
    files = [file(1, "image.png"), file(2, "IMAGE.PNG"), file(3, "image.exe"), file(4, "image (2).png"), file(5, "b")]
    assert list(shown_names(files).values()) == [
        "image.png",
        "IMAGE (2).PNG",
        "image (3).png",
        "image (2) (2).png",
        "b.png",
    ]
    assert shown_names(reversed(files)) == shown_names(files)


@given(
    st.lists(st.one_of(names, st.sampled_from(["x" * 120, "x" * 99, "a.png", "A.png", "\U0001f62d" * 90])), max_size=50)
)
def test_no_two_of_any_names_are_the_same(given_names: list[str]) -> None:
    files = [replace(file(number, name), kind=FileKind.PNG) for number, name in enumerate(given_names, start=1)]
    shown = shown_names(files)
    assert len({name.casefold() for name in shown.values()}) == len(files)
    assert all(len(name) <= 100 for name in shown.values())


def test_what_is_shown_in_a_page_is_what_browsers_show_without_running_it() -> None:
    assert {kind for kind in FileKind if not kind.inline} == {
        FileKind.HEIC,
        FileKind.PDF,
        FileKind.EML,
        FileKind.MSG,
        FileKind.TEXT,
    }
