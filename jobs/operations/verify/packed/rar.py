"""Checks RAR archives: every header to the end mark, then every member."""

from collections.abc import Iterator

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import (
    CannotCheck,
    Checked,
    Limits,
    Meter,
    broken,
    shown,
    structure_only,
)
from jobs.operations.verify.packed import rar4, rar5
from jobs.operations.verify.packed.libarchive import Members, Unsupported
from jobs.operations.verify.packed.rar_blocks import Walked, check_stored, check_sum

VOLUME = "it is one of several volumes of an archive"


def check_rar(content: Content, limits: Limits) -> Checked:
    """Return the number of members of a whole archive. Raises ItemFailed for a broken one."""
    walk = rar5.walk if content.head.startswith(rar5.START) else rar4.walk
    found = walk(content)
    members = found.members
    facts = {"members": len(members)}
    locked = [member.name for member in members if member.locked]
    if locked:
        raise broken(
            f"Protected by a password: {len(locked):,} of {len(members):,} members cannot be "
            f"checked, the first is {shown(locked[0])}"
        )
    check_stored(content, found.services)
    if found.volume or any(member.split for member in members):
        check_stored(content, members)
        return structure_only(VOLUME, facts)
    reason: object = "it is packed by a method that cannot be unpacked here"
    if all(member.readable for member in members):
        try:
            facts["unpacked_bytes"] = _unpack(content, found, limits)
            return Checked(facts, _note(content, found))
        except CannotCheck as cannot:
            reason = cannot
        except Unsupported:
            pass
    check_stored(content, members)
    if all(member.plain for member in members):
        return Checked(facts, _note(content, found))
    return structure_only(reason, facts)


def _unpack(content: Content, found: Walked, limits: Limits) -> int:
    """Return the size of the unpacked members, after comparing their checksums.

    Raises ItemFailed for damage, CannotCheck and Unsupported.

    libarchive does not compare all of them, and takes a member that ends early for whole.
    """
    meter = Meter(limits, content.size)
    unpacked = Members(content, "RAR archive", ("rar", "rar5"), known_headers=True)
    rest = iter(found.members)
    for pieces in unpacked:
        member = next(rest, None)
        if member is None:
            raise broken("The RAR archive is damaged: it has more members than headers")
        if pieces is None or member.link:
            if member.data[1] and not member.plain:
                raise Unsupported
            check_stored(content, [member])
        elif check_sum(member, _metered(pieces, meter)) < (member.size or 0):
            raise broken(f"Damaged: member {shown(member.name)} cannot be unpacked as a whole")
    if next(rest, None):
        raise broken("The RAR archive is damaged: it has fewer members than headers")
    return meter.unpacked


def _metered(pieces: Iterator[memoryview], meter: Meter) -> Iterator[memoryview]:
    for piece in pieces:
        meter.add(len(piece))
        yield piece


def _note(content: Content, found: Walked) -> str:
    if found.end is None:
        return "its end mark is missing"
    rest = content.read_at(found.end, 4096)
    return "other data follows its end" if rest.strip(b"\0") else ""
