"""The address under which learners reach the service: taken apart once, and put together from its parts everywhere."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

EXAMPLE = "https://askneuron.example.org"
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"(?=.{{1,254}}$){LABEL}(\.{LABEL})*\.?|\[.+\]")
USUAL_PORTS = {"http": 80, "https": 443}
LONGEST = 2_000  # characters of an address that is looked at
# Consumers send query and fragment in any script: what was typed, decoded on the way.
ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]+)(?P<path>/[!-~]*?)?([?#][^\x00-\x1f\x7f]*)?", re.IGNORECASE
)
AUTHORITY = re.compile(r"(?P<host>[^:@\\%\[\]\s]+|\[[0-9a-f:.]+\])(?P<port>:\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True)
class PublicURL:
    """A public address in its parts.

    ``host`` is written in ASCII, as browsers and forums send it, and ``readable_host`` in its own script; ``prefix``
    is the path below which the service lies, "" where it has a host of its own.
    """

    scheme: str
    host: str
    readable_host: str
    port: int | None
    prefix: str

    @classmethod
    def parse(cls, text: "str | PublicURL") -> Self:
        """Return the parts of an address, whose host may be written in any script.

        Raises:
            ValueError: it is no address, or has parts that a public address cannot have.
        """
        try:
            url = TypeAdapter(AnyHttpUrl).validate_python(str(text))
        except ValidationError as error:
            raise ValueError(f"must be an address such as {EXAMPLE} ({error.errors()[0]['msg']})") from None
        for name, given in (("query", url.query), ("fragment", url.fragment)):
            if given is not None:
                raise ValueError(f"must have no {name}: an address such as {EXAMPLE}, or {EXAMPLE}/askneuron")
        if url.username is not None or url.password is not None or "@" in str(text):
            raise ValueError(f"must have no user or password: an address such as {EXAMPLE}")
        if not str(text).strip().isprintable() or not HOST.fullmatch(url.host or "") or url.port == 0:
            raise ValueError(f"must have a host and port that can be reached: an address such as {EXAMPLE}")
        prefix = (url.path or "").rstrip("/")
        if not re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", prefix):
            raise ValueError(f"must have a path of plain letters, digits and hyphens, such as {EXAMPLE}/askneuron")
        port = None if url.port == USUAL_PORTS[url.scheme] else url.port
        return cls(url.scheme, url.host or "", url.unicode_host() or "", port, prefix)

    @property
    def authority(self) -> str:
        """Host and port, as in the headers Host and Origin."""
        return self.host + self._port_text

    @property
    def _port_text(self) -> str:
        return f":{self.port}" if self.port is not None else ""

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.prefix

    def address(self, path: str) -> str:
        """Return the public address of a path that begins with the prefix, as `url_for` gives it."""
        return self.origin + path

    def own_path(self, address: str) -> str | None:
        """Return the path of an own address below the prefix, without query and fragment; None of another's address.

        The host may be written in ASCII or in its own script. Apart from that nothing is decoded, and what is written
        in another way (with a user's name, another port, escapes or control characters) is no address of this service.
        """
        found = ADDRESS.fullmatch(address) if len(address) <= LONGEST else None
        authority = AUTHORITY.fullmatch(found["authority"]) if found is not None else None
        if found is None or authority is None or found["scheme"].lower() != self.scheme:
            return None
        host = unicodedata.normalize("NFC", authority["host"]).lower()
        path = found["path"] or ""
        port = (authority["port"] or "").removesuffix(f":{USUAL_PORTS[self.scheme]}")
        if host not in {self.host, self.readable_host} or port != self._port_text:
            return None
        return path.removeprefix(self.prefix) if path.startswith(f"{self.prefix}/") else None
