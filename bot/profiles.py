"""Finds the profile that the settings name: one that ships with Staffroom, or the school's own file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from policy.errors import ProfileError
from policy.profile import Profile
from policy.profile_file import nearest, parse_profile

SHIPPED: tuple[str, ...] = ("astor",)
"""Names of the profiles that ship, one for each policy document."""


def shipped_profile_text(name: str) -> str:
    """The TOML of a shipped profile, comments and all: a school starts its own from it.

    Raises:
        ProfileError: none of that name ships.
    """
    if name not in SHIPPED:
        raise ProfileError(
            f'There is no profile "{name}"{nearest(name, SHIPPED)}. '
            f"Give the path of a TOML file, or one of: {', '.join(SHIPPED)}."
        )
    return (files("policy") / "profiles" / f"{name}.toml").read_text(encoding="utf-8")


def load_profile(name_or_path: str) -> Profile:
    """The profile of this name, or in the file of this path.

    Raises:
        ProfileError: there is none, it cannot be read, or something in it is wrong; the message says where.
    """
    path = Path(name_or_path).expanduser()
    if name_or_path in SHIPPED or not (path.suffix or path.exists() or len(path.parts) > 1):
        return parse_profile(shipped_profile_text(name_or_path), f"{name_or_path}.toml")
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ProfileError(f"{path}: not UTF-8 text; save the file as UTF-8") from None
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_profile(text, str(path))
