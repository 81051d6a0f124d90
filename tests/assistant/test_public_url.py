"""PUBLIC_URL in its parts: hosts in every script, a path before all others, and which addresses are its own."""

import pytest

from assistant.public_url import PublicURL

IDN, ASCII = "https://bücher.example", "https://xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://ask.example/", "https://ask.example"),
        ("HTTPS://Ask.Example:443/", "https://ask.example"),
        ("http://ask.example:80", "http://ask.example"),
        ("https://ask.example:80", "https://ask.example:80"),
        ("https://ask.example/Ask/neuron/", "https://ask.example/Ask/neuron"),
        (IDN, ASCII),
        (f"{ASCII}/", ASCII),
        ("https://BÜCHER.example:8443/ask", "https://xn--bcher-kva.example:8443/ask"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
        ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        (f"https://{'a' * 63}.example", f"https://{'a' * 63}.example"),
        ("https://ask_x.example.", "https://ask_x.example."),
    ],
)
def test_it_is_written_as_browsers_send_it(given: str, written: str) -> None:
    parsed = PublicURL.parse(given)
    assert str(parsed) == written
    assert PublicURL.parse(written) == parsed


@pytest.mark.parametrize("given", [IDN, ASCII])
@pytest.mark.parametrize(
    "host",
    [
        "bücher.example",
        "BÜCHER.example",
        "bu\N{COMBINING DIAERESIS}cher.example",
        "xn--bcher-kva.example",
        "XN--BCHER-KVA.example",
    ],
)
def test_both_spellings_of_a_host_are_its_own(given: str, host: str) -> None:
    assert PublicURL.parse(given).own_path(f"https://{host}/entries/x?y=1#z") == "/entries/x"


@pytest.mark.parametrize(
    ("given", "address", "path"),
    [
        ("https://ask.example", "https://ask.example:443/entries/x", "/entries/x"),
        ("https://ask.example:443", "https://ask.example/entries/x", "/entries/x"),
        ("http://ask.example", "http://ask.example:80/entries/x", "/entries/x"),
        ("https://ask.example", "https://ask.example:80/entries/x", None),
        ("https://ask.example", "https://ask.example:4430/entries/x", None),
        ("https://ask.example:8443", "https://ask.example:443/entries/x", None),
        ("https://ask.example:8443", "https://ask.example:8443:443/entries/x", None),
    ],
)
def test_the_usual_port_is_the_same_address(given: str, address: str, path: str | None) -> None:
    assert PublicURL.parse(given).own_path(address) == path


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://ask.example:8443/ask/entries/x", "/entries/x"),
        ("HTTPS://ASK.example:8443/ask/entries/x", "/entries/x"),
        ("https://ask.example:8443/ask/", "/"),
        ("https://ask.example:8443/ask", None),
        ("https://ask.example:8443/entries/x", None),
        ("https://ask.example:8443/asking/entries/x", None),
        ("https://ask.example:8443/ASK/entries/x", None),
        ("https://ask.example:8443/ask/ask/entries/x", "/ask/entries/x"),
        ("https://ask.example/ask/entries/x", None),
        ("https://ask.example:08443/ask/entries/x", None),
        ("http://ask.example:8443/ask/entries/x", None),
        ("https://ask.ex\N{ZERO WIDTH SPACE}ample:8443/ask/entries/x", None),
        ("https://ａｓｋ.example:8443/ask/entries/x", None),
        ("https://ask.example:8443\\/ask/entries/x", None),
        ("https://[/ask/entries/x", None),
        ("https://ask.example:8443/ask/entries/ä", None),
        ("https://ask.example:8443/ask/entries/x?wörter=für den Kurs", "/entries/x"),
        ("https://ask.example:8443/ask/entries/x#für?ä#b", "/entries/x"),
        ("https://ask.example:8443/ask/entries/x?y=\n", None),
        ("https://ask.example:8443?/ask/entries/x", None),
    ],
)
def test_addresses_below_its_path_are_its_own(address: str, path: str | None) -> None:
    assert PublicURL.parse("https://ask.example:8443/ask").own_path(address) == path
