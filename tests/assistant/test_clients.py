"""Who is counted as one client, however their address is written."""

import pytest

from assistant.clients import client_of, is_among, read_network


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


@pytest.mark.parametrize(
    "written",
    ["10.0.0.7", "::ffff:10.0.0.7", "::FFFF:A00:7", "10.0.0.7:51234", "[::ffff:10.0.0.7]:51234", " 10.0.0.7 "],
)
@pytest.mark.parametrize(
    ("network", "among"),
    [
        ("10.0.0.7", True),
        ("::ffff:10.0.0.7", True),
        ("::FFFF:A00:7", True),
        ("10.0.0.0/8", True),
        ("10.0.0.0/255.0.0.0", True),
        ("::ffff:10.0.0.0/104", True),
        ("0:0:0:0:0:ffff:a00:0/120", True),
        ("::ffff:0:0/96", True),
        ("0.0.0.0/0", True),
        ("10.0.0.8", False),
        ("::ffff:10.0.0.8", False),
        ("::ffff:10.0.1.0/120", False),
        ("::10.0.0.7", False),
        ("::/0", False),
        ("2001:db8::/32", False),
    ],
)
def test_an_address_is_among_a_network_however_both_are_written(written: str, network: str, *, among: bool) -> None:
    assert is_among(written, network) is is_among(written, f"192.0.2.1 {network}") is among


@pytest.mark.parametrize("written", ["2001:db8::a", "2001:DB8:0::A", "[2001:db8::a]:443", "2001:db8::a%eth0"])
def test_so_is_one_of_ipv6(written: str) -> None:
    assert is_among(written, "2001:DB8::/64")
    assert is_among(written, "2001:db8:0:0:0:0:0:A")
    assert not is_among(written, "2001:db8::b ::ffff:0:0/96 0.0.0.0/0")


@pytest.mark.parametrize("network", ["fe80::1%eth0", "fe80::%1/64", "::ffff:10.0.0.7%eth0", "::ffff:10.0.0.7/104"])
def test_a_network_that_could_be_misunderstood_is_none(network: str) -> None:
    with pytest.raises(ValueError, match=r"zone|host bits"):
        read_network(network)
