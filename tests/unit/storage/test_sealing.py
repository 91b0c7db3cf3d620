import pytest

from storage.errors import BadKey, CannotOpen
from storage.sealing import PREFIX, PURPOSES, Keyring, new_master_key


def test_a_new_key_is_recognisable_and_never_the_same() -> None:
    keys = {new_master_key() for _ in range(50)}
    assert len(keys) == 50
    assert all(key.startswith(PREFIX) and len(key) == len(PREFIX) + 43 for key in keys)


def test_what_was_sealed_opens_for_its_purpose_and_context_only() -> None:
    ring = Keyring([new_master_key()])
    sealed = ring.seal("draft", b"hello", context="a")
    assert b"hello" not in sealed
    assert ring.open("draft", sealed, context="a") == b"hello"
    for purpose, context in (("draft", "b"), ("inbox", "a")):
        with pytest.raises(CannotOpen):
            ring.open(purpose, sealed, context=context)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    ring = Keyring([new_master_key()])
    assert len({ring.seal("draft", b"hello", context="a") for _ in range(100)}) == 100


def test_every_changed_byte_is_found() -> None:
    ring = Keyring([new_master_key()])
    sealed = ring.seal("inbox", b"hello", context="a")
    for place in range(len(sealed)):
        forged = bytearray(sealed)
        forged[place] ^= 1
        with pytest.raises(CannotOpen):
            ring.open("inbox", bytes(forged), context="a")
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            ring.open("inbox", sealed[:length], context="a")


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    old, new = new_master_key(), new_master_key()
    sealed = Keyring([old]).seal("people", b"x", context="c")
    ring = Keyring([new, old])
    assert ring.open("people", sealed, context="c") == b"x"
    with pytest.raises(CannotOpen):
        Keyring([old]).open("people", ring.seal("people", b"x", context="c"), context="c")
    wrapped = Keyring([old]).new_data_key("r")
    text = Keyring([old]).record_sealer(wrapped, "r").seal("cases", 1, b"body")
    rewrapped = ring.rewrap(wrapped, "r")
    assert Keyring([new]).record_sealer(rewrapped, "r").open("cases", 1, text) == b"body"


@pytest.mark.parametrize(
    "wrong", ["", "sk1_", "password", "sk1_" + "A" * 42, "sk1_" + "A" * 44, "sk2_" + "A" * 43, "sk1_" + "é" * 43]
)
def test_a_wrong_key_is_told_without_showing_it(wrong: str) -> None:
    good = new_master_key()
    with pytest.raises(BadKey) as told:
        Keyring([good, wrong])
    assert "key 2" in str(told.value)
    assert good not in str(told.value)
    assert not wrong.removeprefix("sk1_") or wrong.removeprefix("sk1_") not in str(told.value)


def test_no_key_is_told() -> None:
    with pytest.raises(BadKey, match="staffroom keys new"):
        Keyring([])


def test_a_keyring_does_not_show_its_keys() -> None:
    key = new_master_key()
    assert key not in repr(Keyring([key]))
    assert key.removeprefix(PREFIX) not in repr(Keyring([key]))


def test_the_blind_index_is_stable_keyed_and_separate() -> None:
    one, other = new_master_key(), new_master_key()
    assert Keyring([one]).index("people", "a@b.uk") == Keyring([one]).index("people", "a@b.uk")
    assert (
        len(
            {
                Keyring([one]).index("people", "a@b.uk"),
                Keyring([other]).index("people", "a@b.uk"),
                Keyring([one]).index("x", "a@b.uk"),
                Keyring([one]).index("people", "a@b.u"),
            }
        )
        == 4
    )


def test_a_digest_is_made_with_the_key_and_for_the_purpose() -> None:
    ring = Keyring([new_master_key()])
    mac = ring.mac("audit", b"data")
    assert ring.check("audit", b"data", mac)
    assert not ring.check("audit", b"other", mac)
    assert not ring.check("index", b"data", mac)
    assert not ring.check("audit", b"data", "nonsense")
    assert not ring.check("audit", b"data", "é")
    assert not Keyring([new_master_key()]).check("audit", b"data", mac)


def test_parts_of_a_record_open_in_their_own_place_only() -> None:
    ring = Keyring([new_master_key()])
    wrapped = ring.new_data_key("r1")
    sealer = ring.record_sealer(wrapped, "r1")
    sealed = sealer.seal("cases", 3, b"body")
    assert sealer.open("cases", 3, sealed) == b"body"
    for table, number in (("cases", 2), ("chronology", 3)):
        with pytest.raises(CannotOpen):
            sealer.open(table, number, sealed)
    with pytest.raises(CannotOpen):
        ring.record_sealer(wrapped, "r2")
    with pytest.raises(CannotOpen):
        ring.record_sealer(ring.new_data_key("r1"), "r1").open("cases", 3, sealed)
    with pytest.raises(CannotOpen):
        sealer.open("cases", 3, b"")


def test_a_purpose_is_one_of_those_that_are_known() -> None:
    with pytest.raises(ValueError, match="unknown purpose"):
        Keyring([new_master_key()]).seal("drafts", b"", context="")
    assert {"wrap", "draft", "inbox", "people", "index", "audit"} <= PURPOSES


def test_a_chunk_opens_in_its_own_place_of_its_own_stream_only() -> None:
    ring = Keyring([new_master_key()])
    sealer = ring.record_sealer(ring.new_data_key("r1"), "r1")
    chunks = sealer.chunks("file", "blob")
    sealed = chunks.seal(3, b"bytes", last=False)
    assert len(sealed) == len(b"bytes") + chunks.EXTRA
    assert sealer.chunks("file", "blob").open(3, sealed, last=False) == b"bytes"
    for number, last in ((2, False), (3, True), (259, False)):
        with pytest.raises(CannotOpen):
            chunks.open(number, sealed, last=last)
    for file, blob in (("file", "other"), ("other", "blob")):
        with pytest.raises(CannotOpen):
            sealer.chunks(file, blob).open(3, sealed, last=False)
    with pytest.raises(CannotOpen):
        chunks.open(3, b"", last=False)


def test_the_index_of_a_record_outlives_rotation_and_tells_nothing_of_another() -> None:
    old, new = new_master_key(), new_master_key()
    wrapped = Keyring([old]).new_data_key("r1")
    index = Keyring([old]).record_sealer(wrapped, "r1").index("evidence", "F1")
    rewrapped = Keyring([new, old]).rewrap(wrapped, "r1")
    assert Keyring([new]).record_sealer(rewrapped, "r1").index("evidence", "F1") == index
    ring = Keyring([new])
    assert ring.record_sealer(ring.new_data_key("r2"), "r2").index("evidence", "F1") != index
    assert ring.record_sealer(rewrapped, "r1").index("other", "F1") != index


def test_what_seals_a_record_does_not_show_its_key() -> None:
    ring = Keyring([new_master_key()])
    assert repr(ring.record_sealer(ring.new_data_key("r1"), "r1")) == "RecordSealer(r1)"
