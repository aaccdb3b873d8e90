from __future__ import annotations

from tests.serve.gateway import Gateway

PATH = "/v1/admin/retention"


class TestRetention:
    def test_is_the_settings_until_it_is_changed(self, whole: Gateway) -> None:
        key = whole.key("acme")
        assert whole.call("GET", PATH, key).json() == {"conversations_days": 0, "audit_days": 400}
        changed = whole.call("PUT", PATH, key, json={"conversations_days": 30, "audit_days": 200})
        assert changed.json() == whole.call("GET", PATH, key).json() == {"conversations_days": 30, "audit_days": 200}
        assert whole.call("GET", PATH, whole.key("other")).json()["audit_days"] == 400

    def test_refuses_what_the_law_does_not_allow(self, whole: Gateway) -> None:
        refused = whole.call("PUT", PATH, whole.key("acme"), json={"audit_days": 30})
        assert refused.status_code == 400
        assert "183" in refused.json()["error"]["message"]
        assert whole.call("PUT", PATH, whole.key("acme"), json={"audit_days": -1}).status_code == 400
