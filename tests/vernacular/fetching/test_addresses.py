from __future__ import annotations

from ipaddress import ip_address

import pytest

from vernacular.fetching.addresses import may_connect


class TestMayConnect:
    @pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001:81b::200e"])
    def test_says_yes_to_public_servers(self, address: str) -> None:
        assert may_connect(ip_address(address))

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.1.1", "169.254.1.1", "100.64.1.1", "0.0.0.0", "192.0.0.8",
            "192.0.2.1", "192.88.99.1", "198.19.1.1", "203.0.113.5", "224.0.0.251", "255.255.255.255", "168.63.129.16",
            "::1", "::", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1",
            "2001:db8::1", "2001:20::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
            "100::1", "2001:470:1::5efe:7f00:1",
        ],
    )  # fmt: skip
    def test_says_no_to_all_that_is_inside_or_leads_there(self, address: str) -> None:
        assert not may_connect(ip_address(address))

    def test_says_yes_to_what_is_inside_where_the_operator_allowed_the_host(self) -> None:
        assert may_connect(ip_address("10.0.0.7"), inside=True)
        assert may_connect(ip_address("::1"), inside=True)

    @pytest.mark.parametrize(
        "address", ["169.254.169.254", "::ffff:169.254.169.254", "100.100.100.200", "fd00:ec2::254"]
    )
    def test_never_says_yes_to_services_that_hand_out_credentials(self, address: str) -> None:
        assert not may_connect(ip_address(address), inside=True)
