"""A minimal PDF writer, and the oldest kind of PDF encryption for a protected one."""

import hashlib
import zlib

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_IDENTITY = b"batchsite sample"
_PERMISSIONS = -4


def make_pdf(pages: list[str], password: str = "") -> bytes:
    """A document with a page for each text; with a password it opens with that only."""
    key = owner = b""
    if password:
        padded = (password.encode() + _PADDING)[:32]
        owner = _rc4(hashlib.md5(padded, usedforsecurity=False).digest()[:5], padded)
        allowed = _PERMISSIONS.to_bytes(4, "little", signed=True)
        seed = padded + owner + allowed + _IDENTITY
        key = hashlib.md5(seed, usedforsecurity=False).digest()[:5]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        drawn = zlib.compress(_drawing(text))
        if key:
            drawn = _rc4(_object_key(key, len(bodies) + 1), drawn)
        start = f"<< /Length {len(drawn)} /Filter /FlateDecode >>\nstream\n"
        bodies.append(start.encode() + drawn + b"\nendstream")
    extra = b""
    if key:
        user = _rc4(key, _PADDING)
        identity = f"<{_IDENTITY.hex()}>"
        extra = f" /Encrypt {len(bodies) + 1} 0 R /ID [{identity} {identity}]".encode()
        bodies.append(
            f"<< /Filter /Standard /V 1 /R 2 /P {_PERMISSIONS} /O <{owner.hex()}> "
            f"/U <{user.hex()}> >>".encode()
        )
    return _assemble(bodies, extra)


def _drawing(text: str) -> bytes:
    lines = [line.replace("(", "").replace(")", "") for line in text.splitlines()]
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    return f"BT /F1 11 Tf 15 TL 60 780 Td {shown} ET".encode("latin-1", "replace")


def _assemble(bodies: list[bytes], extra: bytes) -> bytes:
    content = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    for place in places:
        content += b"%010d 00000 n \n" % place
    content += b"trailer\n<< /Size %d /Root 1 0 R%b >>\n" % (len(bodies) + 1, extra)
    content += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(content)


def _object_key(key: bytes, number: int) -> bytes:
    seed = key + number.to_bytes(3, "little") + b"\0\0"
    return hashlib.md5(seed, usedforsecurity=False).digest()[:10]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
