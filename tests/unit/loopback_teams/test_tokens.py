"""Tokens in both directions are real: checked here with PyJWT against the published keys."""

from __future__ import annotations

from typing import Any

import aiohttp
import jwt
import pytest

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from tests.unit.loopback_teams.conftest import Client, Json, TinyBot


async def fetched(address: str) -> Json:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
        found: Json = await answer.json()
        return found


async def claims(teams: LoopbackTeams, token: str) -> Json:
    """What is in a token for this bot, if it is good."""
    keys = jwt.PyJWKSet.from_dict(await fetched(teams.openid_metadata_url.replace("/openidconfiguration", "/keys")))
    kid = jwt.get_unverified_header(token)["kid"]
    found = [key for key in keys.keys if key.key_id == kid]
    if not found:
        raise jwt.InvalidTokenError("unknown key")
    return jwt.decode(
        token,
        found[0].key,
        algorithms=["RS256"],
        audience=teams.client_id,
        issuer="https://api.botframework.com",
        options={"require": ["exp", "iss", "aud"]},
    )


async def test_what_comes_is_signed_by_the_connector(teams: LoopbackTeams, bot: TinyBot, tess: TeamsPerson) -> None:
    await tess.say("hello")
    token = bot.headers[0]["Authorization"].removeprefix("Bearer ")
    assert (await claims(teams, token))["serviceurl"] == teams.service_url == bot.seen[0]["serviceUrl"]
    metadata = await fetched(teams.openid_metadata_url)
    assert metadata["issuer"] == "https://api.botframework.com"
    assert metadata["jwks_uri"] == teams.openid_metadata_url.replace("openidconfiguration", "keys")


@pytest.mark.parametrize(
    "forged",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"signer": "stranger"},
        {"signer": "stranger", "kid": ""},
        {"signer": "login"},
        {"iss": "https://elsewhere.example"},
        {"aud": "another-app"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"nbf": 9_999_999_999},
    ],
    ids=str,
)
async def test_forged_tokens_are_bad(teams: LoopbackTeams, forged: dict[str, Any]) -> None:
    good = teams.token()
    assert await claims(teams, good)
    if forged.get("kid") == "":
        forged = forged | {"kid": jwt.get_unverified_header(good)["kid"]}
    with pytest.raises(jwt.InvalidTokenError):
        await claims(teams, teams.token(**forged))


async def test_any_claim_can_be_forged(teams: LoopbackTeams) -> None:
    changed = jwt.decode(teams.token(serviceurl=None, tid="another"), options={"verify_signature": False})
    assert "serviceurl" not in changed
    assert changed["tid"] == "another"


async def test_the_connector_gets_a_new_key(teams: LoopbackTeams, bot: TinyBot, tess: TeamsPerson) -> None:
    old = teams.token()
    teams.rotate_keys()
    await tess.say("hello")
    assert await claims(teams, bot.headers[0]["Authorization"].removeprefix("Bearer "))
    with pytest.raises(jwt.InvalidTokenError, match="unknown key"):
        await claims(teams, old)


async def test_a_secret_buys_a_token_and_the_token_opens_the_connector(
    teams: LoopbackTeams, client: Client, tess: TeamsPerson
) -> None:
    status, body = await client.login()
    assert (status, body["token_type"]) == (200, "Bearer")
    told = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (told["aud"], told["appid"], told["tid"]) == (
        "https://api.botframework.com",
        teams.client_id,
        teams.tenant_id,
    )
    assert (await client.create(tess.id))[0] == 201
    client.bearer = "guessed"
    assert (await client.create(tess.id))[0] == 401
    client.bearer = ""
    assert (await client.create(tess.id))[0] == 401
    await client.login()
    teams.expire_tokens()
    assert (await client.create(tess.id))[0] == 401
    assert body["access_token"] not in repr(teams.calls)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "another"}, 400, "unauthorized_client"),
        ({"tenant": "another"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "openid"}, 400, "invalid_scope"),
    ],
)
async def test_the_login_refuses(
    teams: LoopbackTeams, client: Client, changed: dict[str, str], status: int, code: str
) -> None:
    answered, body = await client.login(**changed)
    assert (answered, body["error"]) == (status, code)
    assert body["error_description"].startswith("AADSTS")
    assert len(teams.violations) == 1


async def test_a_token_for_something_else_does_not_open_the_connector(client: Client, tess: TeamsPerson) -> None:
    status, _ = await client.login(scope="https://graph.microsoft.com/.default")
    assert status == 200
    assert (await client.create(tess.id))[0] == 401


async def test_the_tenant_and_the_instance_can_be_discovered(teams: LoopbackTeams) -> None:
    found = await fetched(f"{teams.login_url}/common/discovery/instance?api-version=1.1")
    configuration = await fetched(found["tenant_discovery_endpoint"])
    assert configuration["token_endpoint"] == f"{teams.login_url}/{teams.tenant_id}/oauth2/v2.0/token"
    assert len((await fetched(configuration["jwks_uri"]))["keys"]) == 1
