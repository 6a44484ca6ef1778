"""Checks old Office documents and other compound files: every stream in them is there."""

from jobs.operations.verify.content import Content
from jobs.operations.verify.documents.compound import STREAM, Compound
from jobs.operations.verify.kinds import promised
from jobs.operations.verify.limits import Checked, broken

_STREAMS = {
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "PowerPoint Document": "ppt",
    "__properties_version1.0": "msg",
}
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")
_ENCRYPTED = "EncryptedPackage"
_NEW_OFFICE = frozenset({"docx", "xlsx", "pptx"})


def check_compound(content: Content, name: str) -> Checked:
    """Follow every stream to its end. Raises ItemFailed for a damaged file.

    The content of the streams has no checksums. That of a password-protected document cannot be
    read; that all of it is there can be seen.
    """
    with content.open() as stream:
        compound = Compound(stream, content.size)
        kind = "msi" if compound.root.clsid == _INSTALLER else "ole"
        encrypted = False
        for entry in compound.tree():
            if entry.kind != STREAM:
                continue
            compound.check(entry)
            kind = _STREAMS.get(entry.name, kind)
            if entry.name == _ENCRYPTED:
                encrypted = True
                length = int.from_bytes(compound.read(entry, 8), "little")
                if length + 8 > entry.size:
                    raise broken("The document is cut off: its protected content is not complete")
    notes = []
    if encrypted:
        chosen = promised(name) & _NEW_OFFICE
        kind = min(chosen) if len(chosen) == 1 else kind
        notes.append("it is protected by a password, so only its structure was checked")
    if compound.ends_early:
        notes.append("its last sector is not complete, as after a copy that lost its end")
    return Checked({"kind": kind}, ", and ".join(notes), depth="structure")
