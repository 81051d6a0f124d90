"""Who asks: the client's address as it is counted, and what stands for it where something is kept."""

import hashlib
import hmac
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import current_app, has_request_context, request

WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+)(?::\d+)?")
ONE_CLIENT = 64  # bits of an IPv6 address; the others are drawn by the client itself, as often as it likes


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address without the port and the zone that it may have; None where it is none.

    An IPv4 address that is written as one of IPv6, as sockets for both tell it, is the IPv4 address.
    """
    found = WITH_PORT.fullmatch(text.strip())
    bare = (found[1] or found[2]) if found is not None else text.strip()
    try:
        parsed = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed


def read_network(text: str) -> IPv4Network | IPv6Network:
    """Return a network, or an address as the network that holds nothing else, in the form of `read_address`.

    Raises:
        ValueError: it is neither, or is written with a zone, which no client is known by.
    """
    network = ip_network(text)
    if isinstance(network, IPv4Network):
        return network
    if "%" in text:
        raise ValueError(f"{text!r} has a zone, which is not looked at")
    mapped = network.network_address.ipv4_mapped
    return IPv4Network((mapped, network.prefixlen - 96)) if mapped is not None else network


def client_of(address: str) -> str:
    """Return the client that an address is counted for: without port and zone, of IPv6 its network.

    What is no address is counted as one client, so that nobody is counted anew by writing nonsense.
    """
    parsed = read_address(address)
    if parsed is None:
        return "unknown"
    return str(ip_network((parsed, ONE_CLIENT), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def is_among(address: str, networks: str) -> bool:
    """Say whether an address is one of these networks and addresses, which blanks part."""
    parsed = read_address(address)
    return parsed is not None and any(parsed in read_network(each) for each in networks.split())


def client() -> str:
    """Return the client of this request."""
    return client_of(request.remote_addr or "")


def keyed_hash(text: str) -> str:
    """Return what stands for a client in the database: nobody finds the address without this service's secret."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def asker() -> str | None:
    """Return what stands for the client of this request; None where nobody asks."""
    return keyed_hash(client()) if has_request_context() else None
