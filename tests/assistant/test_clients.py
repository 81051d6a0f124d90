"""Who is counted as one client, however their address is written."""

import pytest

from assistant.clients import client_of


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        (" 10.0.0.7 ", "10.0.0.7"),
        ("10.0.0.7:51234", "10.0.0.7"),
        ("[10.0.0.7]:80", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("[::ffff:10.0.0.7]:51234", "10.0.0.7"),
        ("::FFFF:a00:7", "10.0.0.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("fe80::1%eth1", "fe80::/64"),
        *(
            (nonsense, "unknown")
            for nonsense in ("", "unknown", "_hidden", "10.0.0", "010.0.0.7", "[::1", "1.2.3.4:x", "é")
        ),
    ],
)
def test_an_address_is_counted_without_what_its_client_can_change(address: str, counted: str) -> None:
    assert client_of(address) == counted
