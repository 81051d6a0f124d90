"""Questions in other languages than English: telling them apart, reading them, and saying in them what is done.

One process for each data folder holds the multilingual encoder (`process`), started when the first such question comes
and ended when none has come for ten minutes; web processes ask it by a socket (`encoder`).
"""

from pathlib import Path

FIT = Path(__file__).with_name("fit.npz")
