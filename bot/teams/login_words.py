"""What to do when Microsoft gives no token, by its own code (learn.microsoft.com, "Microsoft Entra error codes")."""

from __future__ import annotations

from bot.teams.failures import NoToken

_SECRETS = "on the app registration's page, Certificates & secrets"
_REFUSED = {
    "AADSTS7000215": f"Copy the secret's Value, not its ID; if it is not shown any more, make a new one {_SECRETS}.",
    "AADSTS7000222": f"The secret has expired: make a new one {_SECRETS}, set its Value, and restart Staffroom.",
    "AADSTS700016": (
        "There is no such app in this tenant: compare TEAMS_CLIENT_ID and TEAMS_TENANT_ID with the two ids on the app "
        "registration's Overview."
    ),
    "AADSTS7000229": (
        "The app has no service principal in this tenant: open it in Entra under Enterprise applications, or register "
        "it again."
    ),
    "AADSTS53003": "A Conditional Access policy blocks it: whoever looks after these policies must let this app in.",
}
_OTHERWISE = "Compare all three TEAMS_ settings with the app registration's pages, Overview and Certificates & secrets."
_NO_TENANT = frozenset({"AADSTS90002", "AADSTS900021", "AADSTS900023"})


def words(error: NoToken, host: str) -> str:
    """One or two sentences for whoever set Teams up. `host` is where the login is."""
    if error.code in _NO_TENANT:
        return (
            f"Microsoft knows no tenant with this TEAMS_TENANT_ID ({error.code}): copy the Directory (tenant) ID from "
            "the app registration's Overview."
        )
    if error.refused:
        advice = _REFUSED.get(error.code, _OTHERWISE)
        return f"Microsoft does not accept TEAMS_CLIENT_ID and TEAMS_CLIENT_SECRET ({error.code}). {advice}"
    return unreached(host, answered=error.answered, certificate=error.certificate)


def unreached(host: str, *, answered: bool, certificate: bool = False) -> str:
    """That this host of Microsoft's was not reached, or that something else answered in its place."""
    if certificate:
        return f"{host} shows a certificate that is not Microsoft's: is TLS inspected in between? See docs/teams.md."
    if answered:
        return f"{host} answered, but not as Microsoft does: is there a web filter or proxy in between?"
    return f"{host} cannot be reached: let the firewall allow it (docs/teams.md)."
