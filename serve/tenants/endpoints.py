from __future__ import annotations

from fastapi import APIRouter

from serve.deps import TenantAccess
from serve.models.service import assistants
from serve.rag.variety_choice import to_choose
from serve.sign_in.offer import can_sign_in
from serve.tenant_settings.logo import address_of
from serve.tenants.schemas import TenantBranding, TenantView, VarietyView
from serve.transparency.notices import notices
from vernacular.branding import branding_of
from vernacular.dialects.preferences import preferences_of

router = APIRouter(tags=["tenants"])


@router.get("/v1/tenant")
def show_tenant(access: TenantAccess) -> TenantView:
    """The caller's own tenant."""
    tenant = access.principal.tenant
    contact = tenant.profile.get("contact") or {}
    limits, models, varieties = access.services.settings.vision, access.services.models, access.services.rag.varieties
    wishes = preferences_of(tenant, assistants()[0])
    answered_in = varieties.pack(wishes.answer_in)
    branding = branding_of(tenant.profile)
    return TenantView(
        name=tenant.slug,
        display_name=tenant.display_name or tenant.slug,
        languages=list(tenant.languages),
        dialects=list(tenant.dialects),
        varieties=[VarietyView.of(pack) for pack in to_choose(varieties, tenant, wishes)],
        answer_in=answered_in.tag if answered_in else wishes.answer_in,
        greeting=str(tenant.profile.get("greeting") or ""),
        ai_notice=notices(tenant.languages, tenant.display_name or tenant.slug),
        contact=contact if isinstance(contact, dict) else {"text": str(contact)},
        suggested_questions=[str(question) for question in tenant.profile.get("suggested_questions") or []],
        assistants=assistants(),
        role=access.principal.role.name,
        sign_in=can_sign_in(access),
        vision=limits.max_images > 0 and models.chat_model(vision=True) is not None,
        max_images=limits.max_images,
        max_image_mb=limits.max_mb,
        branding=TenantBranding(color=branding.color, logo=address_of(branding.logo)),
    )
