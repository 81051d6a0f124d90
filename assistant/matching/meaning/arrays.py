"""What reading a damaged file of arrays ends in."""

import zipfile
import zlib

# NumPy and zipfile raise each of these for some byte that is not what it was.
DAMAGE = (ValueError, KeyError, TypeError, OSError, EOFError, RuntimeError, SyntaxError, zipfile.BadZipFile, zlib.error)
