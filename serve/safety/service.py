from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serve.deps import Access
from serve.safety.schemas import SafetyTrialRequest
from vernacular.safety.overrides import kept_overrides, policy_of, preview, with_overrides
from vernacular.safety.pii.kinds import titles
from vernacular.safety.registry import pack_names, title_of
from vernacular.safety.trial import try_out
from vernacular.tenancy import Platform, Tenant


def show(access: Access) -> dict[str, Any]:
    """In the shape of `SafetyView`, as it is kept at this moment."""
    with access.read() as scope:
        tenant = Platform(scope.session).tenant(access.principal.tenant.slug)
    return _view(access, tenant)


def change(access: Access, given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Raises:
        InvalidPolicy, UnknownPolicy: it is no policy.
    """
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        row.profile = with_overrides(row.profile, given, access.services.settings)
        scope.session.flush()
        tenant = Tenant.of(row)
        version = policy_of(tenant, access.services.settings).version
        facts = {"section": "safety", "policy_version": version, "fields": sorted(kept_overrides(row.profile))}
        access.record(scope, "settings.changed", facts=facts)
    access.services.keys.forget()
    return _view(access, tenant)


def dry_run(access: Access, asked: SafetyTrialRequest) -> dict[str, Any]:
    """In the shape of `SafetyTrial`.

    Raises:
        InvalidPolicy, UnknownPolicy: the policy to try is none.
    """
    tenant, settings = access.principal.tenant, access.services.settings
    policy = policy_of(tenant, settings) if asked.policy is None else preview(asked.policy, tenant, settings)
    return try_out(policy, asked.text, asked.stage, asked.language)


def _view(access: Access, tenant: Tenant) -> dict[str, Any]:
    return {
        "set": kept_overrides(tenant.profile),
        "in_force": policy_of(tenant, access.services.settings).summary(),
        "packs": [{"name": name, "title": title_of(name)} for name in pack_names()],
        "kinds": dict(titles()),
        "guard_model": access.services.guard.configured,
    }
