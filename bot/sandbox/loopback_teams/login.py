"""Where tokens come from: the connector's OpenID metadata and keys, and the login service (Entra ID)."""

from __future__ import annotations

import secrets
import time
from typing import Final
from urllib.parse import unquote_plus

from aiohttp import BasicAuth, web

from bot.sandbox.loopback_teams import keys, limits
from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.delivery import ISSUER
from bot.sandbox.loopback_teams.tenant import Tenant

LOGIN_KEY: Final = "login"
_SCOPE: Final = "https://api.botframework.com/.default"


class Login:
    """Answers for openid, keys and tokens. `note` records a call and applies faults around it."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def base(self, request: web.Request) -> str:
        """The address under which the caller reached the login service: over http or https."""
        return self._tenant.secure_url if request.scheme == "https" else self._tenant.base_url

    async def connector_metadata(self, _: web.Request) -> tuple[int, Json]:
        """What `openid_metadata_url` shows."""
        return 200, {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.example",
            "jwks_uri": f"{self._tenant.base_url}/v1/.well-known/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }

    async def connector_keys(self, _: web.Request) -> tuple[int, Json]:
        """The keys with which the connector signs."""
        return 200, {"keys": [keys.published(self._tenant.signing_key)]}

    async def login_keys(self, _: web.Request) -> tuple[int, Json]:
        """The keys with which the login service signs."""
        return 200, {"keys": [keys.published(LOGIN_KEY)]}

    async def instance(self, request: web.Request) -> tuple[int, Json]:
        """Instance discovery: what msal asks before it trusts an authority."""
        place = f"{self.base(request)}/{self._tenant.tenant_id}/v2.0/.well-known/openid-configuration"
        return 200, {"tenant_discovery_endpoint": place, "api-version": "1.1", "metadata": []}

    async def metadata(self, request: web.Request) -> tuple[int, Json]:
        """OpenID configuration of a tenant."""
        tenant = request.match_info["tenant"]
        if tenant != self._tenant.tenant_id:
            return _refused(400, "invalid_tenant", f"AADSTS90002: Tenant '{tenant}' not found.")
        root = f"{self.base(request)}/{tenant}"
        return 200, {
            "issuer": f"{root}/v2.0",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "response_types_supported": ["code", "id_token", "token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    async def token(self, request: web.Request) -> tuple[int, Json]:
        """Client credentials for an access token (RFC 6749 §4.4)."""
        form = {key: str(value) for key, value in (await request.post()).items()}
        client, secret = _credentials(request, form)
        if request.match_info["tenant"] != self._tenant.tenant_id:
            return _refused(400, "invalid_request", "AADSTS90002: Tenant not found.")
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
        if client != self._tenant.client_id:
            return _refused(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if not secrets.compare_digest(secret.encode(), self._tenant.client_secret.encode()):
            return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        scope = form.get("scope", "").split()
        resources = [each for each in scope if each.endswith("/.default")]
        if len(resources) != 1:
            return _refused(400, "invalid_scope", "AADSTS1002012: The scope is not valid for client credentials.")
        now = int(time.time())
        token = self._issue(resources[0], now)
        return 200, {
            "token_type": "Bearer",
            "expires_in": limits.TOKEN_SECONDS - 1,
            "ext_expires_in": limits.TOKEN_SECONDS - 1,
            "access_token": token,
        }

    def _issue(self, scope: str, now: int) -> str:
        expires = now + limits.TOKEN_SECONDS
        token = keys.signed(
            {
                "aud": scope.removesuffix("/.default"),
                "iss": f"https://sts.windows.net/{self._tenant.tenant_id}/",
                "iat": now,
                "nbf": now,
                "exp": expires,
                "appid": self._tenant.client_id,
                "tid": self._tenant.tenant_id,
                "uti": str(self._tenant.number()),
            },
            LOGIN_KEY,
        )
        if scope == _SCOPE:
            self._tenant.access_tokens[token] = expires
        return token


def _credentials(request: web.Request, form: dict[str, str]) -> tuple[str, str]:
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        given = BasicAuth.decode(header)
        return unquote_plus(given.login), unquote_plus(given.password)
    return form.get("client_id", ""), form.get("client_secret", "")


def _refused(status: int, code: str, description: str) -> tuple[int, Json]:
    return status, {
        "error": code,
        "error_description": description,
        "error_codes": [int(description[6:].split(":")[0])],
    }
