r"""What bytes of RTF mean: code pages by ``\fcharset``, ``\ansicpg`` and the words for whole documents.

``r-is-http-character-encoding``; numbers are those of RTF 1.6. Knows Python's names of the code pages and nothing of text.
"""

import codecs
from typing import Final

ANSI: Final = "cp1252"

FCHARSETS: Final = {
    0: ANSI,
    # 1 is the document's own
    2: "latin-1",
    77: "mac_roman",
    78: "shift_jis",
    79: "euc_kr",
    80: "gb2312",
    81: "big5",
    85: "mac_greek",
    86: "mac_turkish",
    88: "mac_latin2",
    89: "mac_cyrillic",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gbk",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp437",
}
r"""Code pages by the number of ``\fcharset``; the letters of a symbol font (2) have the numbers of their bytes."""

DOCUMENT: Final = {"ansi": ANSI, "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
"""Code pages by the word that stands at the beginning of a document."""

_RENAMED: Final = {10000: "mac_roman", 936: "gbk", 1361: "johab", 65001: "utf-8", 20127: "ascii"}


def code_page(number: int) -> str | None:
    r"""Python's name of a code page of ``\ansicpg``, ``None`` if it has none."""
    name = _RENAMED.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


class Bytes:
    """Bytes on their way to text; a character may be made of several."""

    def __init__(self) -> None:
        self._encoding = ANSI
        self._decoder = codecs.getincrementaldecoder(ANSI)("replace")

    def take(self, byte: int, encoding: str) -> str:
        """Take one more byte; what comes back is the text that is complete."""
        before = "" if encoding == self._encoding else self.end()
        if encoding != self._encoding:
            self._encoding = encoding
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        return before + self._decoder.decode(bytes((byte,)))

    def trail(self, text: str) -> tuple[str, str]:
        """Take from plain text the second byte of a character whose first one was taken; give what that makes and the rest."""
        if not self._decoder.getstate()[0]:
            return "", text
        if text[:1].isascii():
            return self._decoder.decode(text[:1].encode()), text[1:]
        return self.end(), text

    def end(self) -> str:
        """End a character that is not complete."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest
