"""Tokens of identity providers: the eight ways to confuse who checks them, and what good ones say."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization

from tests.oidc_provider import OidcProvider, SigningKey
from vernacular.access import groups, users
from vernacular.access.issuers import OidcIssuer
from vernacular.access.oidc import TokenVerifier, claim
from vernacular.access.principal import Role
from vernacular.audit.events import Event
from vernacular.audit.log import AuditLog
from vernacular.db.base import now
from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow, UserRow
from vernacular.db.session import Database, open_database
from vernacular.errors import TokenRefused, Unauthorized
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope

ISSUER = "https://id.example"
KEY, OTHER_KEY, EC_KEY = SigningKey.rsa("k1"), SigningKey.rsa("k1"), SigningKey.ec("e1")

Verifier = Callable[..., TokenVerifier]


class Noted(AuditLog):
    """A log that keeps the names of its events."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.events: list[Event] = []

    def record(self, scope: TenantScope, event: Event) -> None:
        self.events.append(event)

    def later(self, tenant: Tenant, event: Event) -> None:
        self.events.append(event)

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the tenants `city` and `harbour`."""
    settings = Settings(home=tmp_path_factory.mktemp("made"))
    opened = open_database(settings)
    migrate(opened)
    with opened.write() as session:
        for slug in ("city", "harbour"):
            Platform(session).create_tenant(TenantRow(slug=slug))
    opened.close()
    return settings.home / "vernacular.sqlite"


@pytest.fixture
def database(tmp_path: Path, made: Path) -> Iterator[Database]:
    shutil.copy(made, tmp_path / made.name)
    opened = open_database(Settings(home=tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def provider() -> OidcProvider:
    return OidcProvider(issuer=ISSUER, keys=[KEY])


@pytest.fixture
def audit(tmp_path: Path) -> Noted:
    return Noted(Settings(home=tmp_path))


@pytest.fixture
def verifier(database: Database, provider: OidcProvider, audit: Noted) -> Iterator[Verifier]:
    """`verifier(role_claim="…")` trusts the provider for the tenant `city`, with these settings changed."""
    made: list[TokenVerifier] = []

    def make(**settings: Any) -> TokenVerifier:
        trusted = OidcIssuer(**{"issuer": ISSUER, "audience": "vernacular", "tenant": "city", **settings})
        made.append(TokenVerifier(database, [trusted], audit, provider.transport()))
        return made[-1]

    yield make
    for one in made:
        one.close()


def city(database: Database, change: Callable[[TenantScope], Any]) -> Any:
    with database.write() as session:
        return change(TenantScope(session, Platform(session).tenant("city")))


def accounts(database: Database) -> list[UserRow]:
    found: list[UserRow] = city(database, lambda scope: users.page(scope, limit=100))
    return found


def forge(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token as no library would make it."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = sign(b".".join(parts))
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def claims_of(token: str) -> dict[str, Any]:
    read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return read


def with_secret(secret: bytes) -> Callable[[bytes], bytes]:
    def sign(message: bytes) -> bytes:
        made = hmac.HMAC(secret, hashes.SHA256())
        made.update(message)
        return made.finalize()

    return sign


def public_forms(key: SigningKey) -> list[bytes]:
    """A public key in each form in which it might be mistaken for a secret."""
    public = key.private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return [pem, pem.strip(), der, json.dumps(key.jwk()).encode()]


class TestConfusion:
    """The eight cases: none may pass, however well the rest of the token is made."""

    def refused(self, verifier: TokenVerifier, *tokens: str) -> None:
        for token in tokens:
            with pytest.raises(TokenRefused):
                verifier.authenticate(token)

    def test_1_no_signature(self, verifier: Verifier, provider: OidcProvider) -> None:
        claims = claims_of(provider.access_token("ana"))
        unsigned = [forge({"alg": alg, "kid": "k1"}, claims, lambda _: b"") for alg in ("none", "None", "NONE", "")]
        signed = [
            forge({"alg": "none", "kid": "k1"}, claims, lambda _: b"x"),
            forge({"kid": "k1"}, claims, lambda _: b""),
        ]
        self.refused(verifier(), *unsigned, *signed, provider.access_token("ana").rpartition(".")[0] + ".")

    def test_2_the_public_key_as_an_hmac_secret(self, verifier: Verifier, provider: OidcProvider) -> None:
        claims = claims_of(provider.access_token("ana"))
        header = {"alg": "HS256", "kid": "k1", "typ": "JWT"}
        self.refused(verifier(), *(forge(header, claims, with_secret(form)) for form in public_forms(KEY)))
        with pytest.raises(ValueError, match="algorithms"):
            verifier(algorithms=["RS256", "HS256"])

    def test_3_another_issuer(self, verifier: Verifier, provider: OidcProvider) -> None:
        issuers: list[Any] = ["https://evil.example", ISSUER + "/", ISSUER.upper(), [ISSUER], {"iss": ISSUER}, "", None]
        self.refused(verifier(), *(provider.access_token("ana", iss=issuer) for issuer in issuers))

    def test_4_another_audience(self, verifier: Verifier, provider: OidcProvider) -> None:
        audiences: list[Any] = ["account", "vernacular2", ["account"], "Vernacular", {"vernacular": 1}, [], "", None, 7]
        self.refused(verifier(), *(provider.access_token("ana", aud=audience) for audience in audiences))

    def test_5_expired(self, verifier: Verifier, provider: OidcProvider) -> None:
        ended: list[Any] = [int(time.time()) - 31, 0, -1, "soon", float("nan"), [], None]
        self.refused(verifier(), *(provider.access_token("ana", exp=moment) for moment in ended))

    def test_6_not_valid_yet(self, verifier: Verifier, provider: OidcProvider) -> None:
        soon = int(time.time()) + 60
        self.refused(verifier(), provider.access_token("ana", nbf=soon), provider.access_token("ana", iat=soon))
        self.refused(
            verifier(), provider.access_token("ana", nbf="never"), provider.access_token("ana", iat=float("inf"))
        )

    def test_7_a_key_that_is_not_the_providers(self, verifier: Verifier, provider: OidcProvider) -> None:
        checked, claims = verifier(), claims_of(provider.access_token("ana"))
        signed = OTHER_KEY.private

        def foreign(**header: Any) -> str:
            return jwt.encode(claims, signed, "RS256", headers={"kid": "k1", **header})

        self.refused(checked, foreign(), foreign(kid="unknown"), foreign(kid="../../k1"), foreign(kid=""))
        own = {**OTHER_KEY.jwk(), "kid": "k1"}
        at = "https://evil.example/keys"
        self.refused(checked, foreign(jwk=own), foreign(jku=at), foreign(x5u=at), foreign(x5c=["MII"]))
        # Not even where the signature is the provider's own.
        good = {"kid": "k1", "typ": "at+jwt"}
        bringing: tuple[dict[str, Any], ...] = (
            {"jwk": KEY.jwk()},
            {"jku": ISSUER + "/jwks"},
            {"x5u": at},
            {"x5c": []},
            {"crit": ["exp"], "exp": 1},
        )
        for brought in bringing:
            self.refused(checked, jwt.encode(claims, KEY.private, "RS256", headers={**good, **brought}))
        assert not any("evil" in path for path in provider.requests)

    def test_7_a_good_key_used_in_another_way(self, verifier: Verifier, provider: OidcProvider) -> None:
        claims = claims_of(provider.access_token("ana"))
        self.refused(verifier(), jwt.encode(claims, KEY.private, "RS512", headers={"kid": "k1"}))
        # The key is published for RS256: PS256 is refused although the settings allow it.
        self.refused(verifier(algorithms=["PS256"]), jwt.encode(claims, KEY.private, "PS256", headers={"kid": "k1"}))

    def test_8_claims_missing_changed_or_of_another_token(self, verifier: Verifier, provider: OidcProvider) -> None:
        checked, good = verifier(), provider.access_token("ana")
        for missing in ("iss", "aud", "exp", "iat", "sub"):
            self.refused(checked, provider.access_token("ana", **{missing: None}))
        header, _, signature = good.split(".")
        raised = (
            base64.urlsafe_b64encode(json.dumps({**claims_of(good), "roles": ["boss"]}).encode()).rstrip(b"=").decode()
        )
        self.refused(checked, f"{header}.{raised}.{signature}", good[:-4] + "AAAA", good + "A", good + ".", "." + good)

    def test_8_an_id_token_even_where_client_and_api_are_one(self, verifier: Verifier, provider: OidcProvider) -> None:
        one = verifier(audience="front-end", client_id="front-end")
        self.refused(verifier(), provider.id_token("ana"), provider.id_token("ana", aud="vernacular"))
        self.refused(one, provider.id_token("ana"), provider.id_token("ana", nonce=None))
        self.refused(
            one, provider.id_token("ana", nonce=None, typ="ID"), provider.id_token("ana", nonce=None, at_hash="x")
        )
        self.refused(verifier(), provider.id_token("ana", nonce=None, aud="vernacular", typ="Refresh"))
        assert one.authenticate(provider.id_token("ana", nonce=None, scp="chat")).name == "ana"

    @pytest.mark.parametrize(
        "junk", ["", ".", "..", "a.b.c", "é.é.é", "\x00.\x00.\x00", "e30.e30.e30", "W10.W10.", "x" * 20_000]
    )
    def test_what_is_no_token_at_all(self, verifier: Verifier, junk: str) -> None:
        self.refused(verifier(), junk)

    def test_numbers_and_objects_that_no_parser_likes(self, verifier: Verifier, provider: OidcProvider) -> None:
        deep = "[" * 5000 + "]" * 5000
        raw = [b'{"iss": ' + b"9" * 5000 + b"}", b'{"iss": ' + deep.encode() + b"}", b'"text"', b"\xff"]
        encoded = [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in raw]
        header = base64.urlsafe_b64encode(b'{"alg": "RS256"}').rstrip(b"=").decode()
        self.refused(
            verifier(), *(f"{header}.{part}.AAAA" for part in encoded), *(f"{part}.e30.AAAA" for part in encoded)
        )


class TestGoodTokens:
    @pytest.mark.parametrize("key", [KEY, EC_KEY], ids=["RS256", "ES256"])
    def test_are_their_person(self, verifier: Verifier, provider: OidcProvider, key: SigningKey) -> None:
        provider.rotate(key)
        principal = verifier().authenticate(provider.access_token("ana"))
        assert (principal.tenant.slug, principal.kind, principal.name) == ("city", "user", "ana")
        assert principal.role is Role.member
        assert principal.groups == ("hr",)
        assert principal.scopes is None

    def test_may_be_for_several_audiences_and_a_little_late(self, verifier: Verifier, provider: OidcProvider) -> None:
        late = int(time.time()) - 20
        token = provider.access_token("ana", aud=["account", "vernacular"], exp=late, iat=late - 60)
        assert verifier().authenticate(token).name == "ana"

    def test_need_no_key_id_where_the_provider_has_one_key(self, verifier: Verifier, provider: OidcProvider) -> None:
        claims = claims_of(provider.access_token("ana"))
        token = jwt.encode(claims, KEY.private, "RS256")
        assert verifier().authenticate(token).name == "ana"
        provider.keys.append(SigningKey("k2", OTHER_KEY.private, "RS256"))
        with pytest.raises(TokenRefused):
            verifier().authenticate(token)

    def test_of_keycloak_are_told_from_its_id_tokens(self, verifier: Verifier, provider: OidcProvider) -> None:
        token = provider.id_token("ana", nonce="n", aud="vernacular", typ="Bearer")  # before 25 they carry a nonce
        assert verifier().authenticate(token).name == "ana"


class TestRoles:
    def test_are_the_highest_that_the_settings_make_of_the_providers(
        self, verifier: Verifier, provider: OidcProvider
    ) -> None:
        checked = verifier(roles={"staff": "editor", "boss": "admin"}, role_claim="realm_access.roles")
        token = provider.access_token("ana", roles=None, realm_access={"roles": ["staff", "boss", "admin"]})
        assert checked.authenticate(token).role is Role.admin

    def test_that_are_ours_by_name_only_are_none(self, verifier: Verifier, provider: OidcProvider) -> None:
        checked = verifier(roles={"boss": "admin"}, default_role="public")
        assert checked.authenticate(provider.access_token("ana", roles=["admin", "editor"])).role is Role.public

    def test_that_the_provider_takes_back_are_lost(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        checked = verifier(roles={"boss": "admin"})
        assert checked.authenticate(provider.access_token("bo")).role is Role.admin
        assert checked.authenticate(provider.access_token("bo", roles=[])).role is Role.member
        assert [row.role for row in accounts(database)] == ["member"]

    def test_are_given_here_where_the_provider_gives_none(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        checked = verifier(default_role="public")
        assert checked.authenticate(provider.access_token("bo")).role is Role.public
        city(database, lambda scope: users.set_role(scope, users.find(scope, "bo"), "editor"))
        assert checked.authenticate(provider.access_token("bo")).role is Role.editor


class TestGroups:
    def test_are_those_of_the_token_and_those_kept_here(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        checked = verifier()
        checked.authenticate(provider.access_token("ana"))
        city(database, lambda scope: groups.set_groups_of(scope, users.find(scope, "ana").id, ["board"]))
        assert checked.authenticate(provider.access_token("ana")).groups == ("board", "hr")
        assert checked.authenticate(provider.access_token("ana", groups=None)).groups == ("board",)

    def test_are_renamed_and_others_left_out_where_the_settings_name_some(
        self, verifier: Verifier, provider: OidcProvider
    ) -> None:
        checked = verifier(groups={"6f1c": "hr"}, groups_claim="teams")
        assert checked.authenticate(provider.access_token("ana", teams=["6f1c", "hr", "board", 7])).groups == ("hr",)


class TestTenants:
    def test_are_named_by_a_claim_among_those_that_the_provider_may_name(
        self, verifier: Verifier, provider: OidcProvider
    ) -> None:
        checked = verifier(tenant="", tenant_claim="tid", tenants={"guid-1": "city", "guid-2": "harbour"})
        assert checked.authenticate(provider.access_token("ana", tid="guid-1")).tenant.slug == "city"
        assert checked.authenticate(provider.access_token("ana", tid="guid-2")).tenant.slug == "harbour"

    @pytest.mark.parametrize("named", ["harbour", "city", "guid-9", ["guid-1"], {"guid-1": 1}, "", None, 1])
    def test_that_it_may_not_name_are_refused(self, verifier: Verifier, provider: OidcProvider, named: Any) -> None:
        checked = verifier(tenant="", tenant_claim="tid", tenants={"guid-1": "city"})
        with pytest.raises(TokenRefused, match="names no tenant"):
            checked.authenticate(provider.access_token("ana", tid=named))

    def test_that_are_suspended_or_gone_let_nobody_in(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        with pytest.raises(Unauthorized):
            verifier(tenant="nowhere").authenticate(provider.access_token("ana"))
        checked = verifier()
        checked.authenticate(provider.access_token("ana"))
        with database.write() as session:
            Platform(session).tenant_row("city").suspended_at = now()
        with pytest.raises(Unauthorized, match="suspended"):
            checked.authenticate(provider.access_token("ana"))

    def test_of_one_provider_are_told_by_audience_too(
        self, database: Database, provider: OidcProvider, audit: Noted
    ) -> None:
        trusted = [OidcIssuer(issuer=ISSUER, audience=f"of-{name}", tenant=name) for name in ("city", "harbour")]
        checked = TokenVerifier(database, trusted, audit, provider.transport())
        assert checked.authenticate(provider.access_token("ana", aud="of-harbour")).tenant.slug == "harbour"
        assert checked.authenticate(provider.access_token("ana", aud="of-city")).tenant.slug == "city"
        assert provider.requests["/jwks"] == 1
        checked.close()


class TestAccounts:
    def test_are_made_with_the_first_token_and_kept(
        self, verifier: Verifier, provider: OidcProvider, database: Database, audit: Noted
    ) -> None:
        checked = verifier()
        first = checked.authenticate(provider.access_token("ana"))
        again = checked.authenticate(provider.access_token("ana"))
        assert first.id == again.id
        (row,) = accounts(database)
        assert (row.username, row.display_name, row.email) == ("ana", "Ana Ruiz", "ana@city.example")
        assert (row.issuer, row.external_id, row.password_hash) == (ISSUER, "id-of-ana", None)
        assert audit.names == ["user.created", "login.succeeded"]

    def test_keep_each_new_sign_in_but_not_each_token(
        self, verifier: Verifier, provider: OidcProvider, audit: Noted
    ) -> None:
        checked, began = verifier(), int(time.time()) - 100
        for auth_time in (began, began, began + 50, began):
            checked.authenticate(provider.access_token("ana", auth_time=auth_time))
        assert audit.names.count("login.succeeded") == 2

    @pytest.mark.parametrize("auth_time", [float("nan"), 1e300, -1e300, "yesterday", True])
    def test_bear_a_sign_in_at_no_time_at_all(self, verifier: Verifier, provider: OidcProvider, auth_time: Any) -> None:
        assert verifier().authenticate(provider.access_token("ana", auth_time=auth_time)).name == "ana"

    def test_that_are_suspended_or_expired_are_refused_however_good_the_token(
        self, verifier: Verifier, provider: OidcProvider, database: Database, audit: Noted
    ) -> None:
        checked, token = verifier(), provider.access_token("ana")
        checked.authenticate(token)
        city(database, lambda scope: users.suspend(scope, users.find(scope, "ana")))
        with pytest.raises(Unauthorized, match="suspended"):
            checked.authenticate(token)
        assert audit.names[-1] == "login.refused"
        city(database, lambda scope: users.resume(scope, users.find(scope, "ana")))
        assert checked.authenticate(token).name == "ana"

        def expire(scope: TenantScope) -> None:
            users.find(scope, "ana").expires_at = datetime.now(UTC) - timedelta(seconds=1)

        city(database, expire)
        with pytest.raises(Unauthorized):
            checked.authenticate(token)

    def test_are_not_made_where_people_must_be_known(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        checked = verifier(create_accounts=False)
        with pytest.raises(Unauthorized, match="no account"):
            checked.authenticate(provider.access_token("ana"))
        assert accounts(database) == []
        city(database, lambda scope: users.create(scope, username="ana", issuer=ISSUER, external_id="id-of-ana"))
        assert checked.authenticate(provider.access_token("ana")).name == "ana"

    def test_never_take_over_one_of_the_same_name(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        local = city(database, lambda scope: users.create(scope, username="Ana", role="admin", password_hash="x"))
        elsewhere = "https://other.example"
        city(database, lambda scope: users.create(scope, username="bo", issuer=elsewhere, external_id="id-of-bo"))
        ana, bo = (verifier().authenticate(provider.access_token(who)) for who in ("ana", "bo"))
        assert ana.id != local.id
        assert ana.role is Role.member
        assert (ana.name, bo.name) == ("ana@city.example", "bo@city.example")
        assert len(accounts(database)) == 4

    def test_that_the_provider_made_without_an_id_are_found_by_name(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        made = city(database, lambda scope: users.create(scope, username="ANA", issuer=ISSUER))
        assert verifier().authenticate(provider.access_token("ana")).id == made.id
        assert [row.external_id for row in accounts(database)] == ["id-of-ana"]

    @pytest.mark.parametrize(("verified", "found"), [(None, False), (False, False), ("true", False), (True, True)])
    def test_are_not_found_by_an_address_that_nobody_verified(
        self, verifier: Verifier, provider: OidcProvider, database: Database, verified: Any, found: bool
    ) -> None:
        boss = city(database, lambda scope: users.create(scope, username="boss@city.example", issuer=ISSUER))
        claims = {"preferred_username": None, "email": "boss@city.example", "email_verified": verified}
        assert (verifier().authenticate(provider.access_token("ana", **claims)).id == boss.id) is found

    def test_get_a_name_even_where_the_token_has_none_to_show(self, verifier: Verifier, provider: OidcProvider) -> None:
        hidden = provider.access_token("ana", preferred_username="\u202e\u200b", email=" ", sub="\u2066x", name=7)
        assert len(verifier().authenticate(hidden).name) == 36

    def test_are_told_by_the_claim_that_the_settings_name(
        self, verifier: Verifier, provider: OidcProvider, database: Database
    ) -> None:
        verifier(subject_claim="oid").authenticate(provider.access_token("ana", oid="object-1"))
        assert [row.external_id for row in accounts(database)] == ["object-1"]


class TestClaim:
    def test_leads_into_objects_whose_names_may_hold_dots(self) -> None:
        claims = {"a": {"b": 1}, "https://x.example/roles": 2, "resource_access": {"my.api": {"roles": 3}}}
        assert claim(claims, "a.b") == 1
        assert claim(claims, "https://x.example/roles") == 2
        assert claim(claims, "resource_access.my.api.roles") == 3
        assert claim(claims, "a.b.c") is None
        assert claim(claims, "nothing") is None


class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"issuer": "http://id.example"}, "neither https"),
            ({"jwks_url": "http://10.0.0.1/keys"}, "neither https"),
            ({"jwks_url": "file:///etc/passwd"}, "neither https"),
            ({"tenant": ""}, "either tenant or tenant_claim"),
            ({"tenant_claim": "t", "tenants": {"a": "b"}}, "either tenant or tenant_claim"),
            ({"tenant": "", "tenant_claim": "t"}, "needs tenants"),
            ({"algorithms": ["none"]}, "algorithms"),
            ({"algorithms": []}, "algorithms"),
            ({"roles": {"x": "owner"}}, "roles"),
            ({"audience": ""}, "audience"),
        ],
    )
    def test_that_would_open_a_door_are_refused(self, settings: dict[str, Any], said: str) -> None:
        with pytest.raises(ValueError, match=said):
            OidcIssuer(**{"issuer": ISSUER, "audience": "a", "tenant": "city", **settings})

    def test_take_a_provider_on_this_machine_without_tls(self) -> None:
        for host in ("localhost:1", "127.0.0.1", "127.9.9.9:80", "[::1]:8080"):
            assert OidcIssuer(issuer=f"http://{host}", audience="a", tenant="city").audience == "a"
