"""Who asks: the client's address as it is counted, and what stands for it where something is kept."""

import hashlib
import hmac
import re
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app, has_request_context, request

WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+)(?::\d+)?")
ONE_CLIENT = 64  # bits of an IPv6 address; the others are drawn by the client itself, as often as it likes


def client_of(address: str) -> str:
    """Return the client that an address is counted for: without port and zone, of IPv6 its network.

    What is no address is counted as one client, so that nobody is counted anew by writing nonsense.
    """
    found = WITH_PORT.fullmatch(address.strip())
    bare = (found[1] or found[2]) if found is not None else address.strip()
    try:
        parsed = ip_address(bare.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, ONE_CLIENT), strict=False))
    return str(parsed)


def is_among(address: str, networks: str) -> bool:
    """Say whether an address is one of these networks and addresses, which blanks part."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in ip_network(each) for each in networks.split())


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
