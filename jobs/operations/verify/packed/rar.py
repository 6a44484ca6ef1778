"""Checks RAR archives: every header to the end mark, then every member."""

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
from jobs.operations.verify.packed.rar_blocks import Walked, check_stored

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
    if found.volume or any(member.split for member in members):
        check_stored(content, members)
        return structure_only(VOLUME, facts)
    reason: object = "it is packed by a method that cannot be unpacked here"
    if all(member.readable for member in members):
        try:
            meter = Meter(limits, content.size)
            Members(content, "RAR archive", ("rar", "rar5")).check(meter)
            return Checked({**facts, "unpacked_bytes": meter.unpacked}, _note(content, found))
        except CannotCheck as cannot:
            reason = cannot
        except Unsupported:
            pass
    check_stored(content, members)
    if all(member.crc is not None for member in members):
        return Checked(facts, _note(content, found))
    return structure_only(reason, facts)


def _note(content: Content, found: Walked) -> str:
    if found.end is None:
        return "its end mark is missing"
    rest = content.read_at(found.end, 4096)
    return "other data follows its end" if rest.strip(b"\0") else ""
