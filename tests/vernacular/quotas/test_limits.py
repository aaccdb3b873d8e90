from __future__ import annotations

import pytest

from vernacular.errors import BadRequest
from vernacular.quotas.limits import (
    Limits,
    PrincipalQuota,
    Quotas,
    TenantQuota,
    VisitorQuota,
    check_below_tenant,
    kept_quotas,
    principal_limits,
    tenant_limits,
    visitor_limits,
    with_quotas,
)
from vernacular.settings import QuotaSettings
from vernacular.tenancy import Tenant


def tenant(**quotas: object) -> Tenant:
    return Tenant("t", "acme", profile={"quotas": quotas, "persona": "Rita"})


class TestLimits:
    def test_are_those_of_the_settings_where_a_tenant_has_none(self) -> None:
        settings = QuotaSettings(tenant_requests_per_minute=5, megabytes=3, principal_tokens_per_day=7)
        assert tenant_limits(tenant(), settings) == Limits(5, 0, 0, 3_000_000)
        assert principal_limits(tenant(), settings, "k1") == Limits(0, 7)
        assert visitor_limits(tenant(), settings) == Limits()

    def test_of_a_principal_stand_over_those_of_all_and_these_over_the_settings(self) -> None:
        settings = QuotaSettings(principal_requests_per_minute=9, principal_tokens_per_day=9)
        own = tenant(principal={"requests_per_minute": 4}, principals={"k1": {"tokens_per_day": 0}})
        assert principal_limits(own, settings, "k1") == Limits(4, 0)
        assert principal_limits(own, settings, "k2") == Limits(4, 9)

    def test_that_cannot_be_read_are_never_taken_for_none(self) -> None:
        with pytest.raises(BadRequest, match=r"tenant\.requests_per_minute"):
            tenant_limits(tenant(tenant={"requests_per_minute": "many"}), QuotaSettings())


class TestKeeping:
    def test_leaves_the_rest_of_the_profile_and_nothing_of_what_is_not_set(self) -> None:
        quotas = Quotas(tenant=TenantQuota(documents=0))
        profile = with_quotas({"persona": "Rita"}, quotas)
        assert profile == {"persona": "Rita", "quotas": {"tenant": {"documents": 0}}}
        assert kept_quotas(profile) == quotas
        assert with_quotas(profile, Quotas()) == {"persona": "Rita"}


class TestBelowTenant:
    @pytest.mark.parametrize(
        "quotas",
        [
            Quotas(principal=PrincipalQuota(requests_per_minute=11)),
            Quotas(visitor=VisitorQuota(requests_per_minute=11)),
            Quotas(principals={"k1": PrincipalQuota(requests_per_minute=11)}),
        ],
    )
    def test_nobody_has_more_than_the_whole(self, quotas: Quotas) -> None:
        with pytest.raises(BadRequest, match="11, and the whole tenant has 10"):
            check_below_tenant(quotas, QuotaSettings(tenant_requests_per_minute=10))

    def test_everything_is_below_no_limit(self) -> None:
        check_below_tenant(Quotas(principal=PrincipalQuota(requests_per_minute=11)), QuotaSettings())
