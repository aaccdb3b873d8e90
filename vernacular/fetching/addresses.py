"""Which IP addresses are somebody's public server, and not this machine, its network or its cloud's own services.

`ipaddress.is_global` alone would not do: Python 3.11 calls NAT64, 6to4 and the 6to4 relays global, though each of them leads
to an IPv4 address inside. So a block of IPv6 is taken only if it is one that is handed out (2000::/3 less its special parts).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

_NEVER: Final = frozenset(
    map(
        IPv4Address,
        (
            "169.254.169.254",  # the metadata service of most clouds
            "169.254.170.2",  # credentials of ECS tasks
            "100.100.100.200",  # Alibaba Cloud
            "192.0.0.192",  # Oracle Cloud
            "168.63.129.16",  # Azure's host, on a public address
        ),
    )
) | {IPv6Address("fd00:ec2::254"), IPv6Address("fd20:ce::254")}
"""Services that hand out credentials: refused even where an operator allows the host that leads to them."""

_INSIDE_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_GLOBAL_6: Final = IPv6Network("2000::/3")
_SPECIAL_6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})

Address = IPv4Address | IPv6Address


def may_connect(address: Address, *, inside: bool = False) -> bool:
    """Whether a connection to `address` is allowed. `inside`: the operator has allowed the host, wherever it is."""
    plain = unmapped(address)
    if plain in _NEVER or plain.is_unspecified or plain.is_multicast:
        return False
    return inside or is_public(plain)


def is_public(address: Address) -> bool:
    plain = unmapped(address)
    if isinstance(plain, IPv4Address):
        return plain.is_global and not any(plain in network for network in _INSIDE_4)
    return (
        plain in _GLOBAL_6
        and plain.is_global
        and not any(plain in network for network in _SPECIAL_6)
        and int(plain) >> 32 & 0xFFFFFFFF not in _ISATAP
    )


def unmapped(address: Address) -> Address:
    """The IPv4 address that an IPv4-mapped one (`::ffff:127.0.0.1`) stands for."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
