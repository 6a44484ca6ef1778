"""Keeps a program from looking into processes that it has not started. Only Linux can do this."""

import ctypes
import os
import sys

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_ACCESS_FS_REFER = 1 << 13
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_LOOKING_CAPABILITIES = (19, 21, 38)
"""SYS_PTRACE, SYS_ADMIN and PERFMON: with them root reads the memory of any process."""


class _Ruleset(ctypes.Structure):
    _fields_ = [("handled_access_fs", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def is_available() -> bool:
    """Return True if this kernel can do it: Landlock, since Linux 5.19."""
    if not sys.platform.startswith("linux"):
        return False
    return bool(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _VERSION) >= 2)


def confine() -> bool:
    """Deny the programs that this process starts the environment and memory of other processes.

    Return False where the system cannot. Cannot be undone. Such a program cannot mount; `sudo`
    and the like do not work in it unless it is root already.
    """
    if not is_available():
        return False
    libc = ctypes.CDLL(None)
    # A domain is what hides other processes. It has to restrict something, so this one handles
    # renames between folders, and allows them everywhere.
    rules = _Ruleset(_ACCESS_FS_REFER)
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if ruleset < 0:
        return False
    root = os.open("/", os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(_ACCESS_FS_REFER, root)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0):
            return False
        if libc.syscall(_RESTRICT_SELF, ruleset, 0):  # only root may do so without the next line
            libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            if libc.syscall(_RESTRICT_SELF, ruleset, 0):
                return False
        for capability in _LOOKING_CAPABILITIES:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # from the next exec on
        return True
    finally:
        os.close(root)
        os.close(ruleset)
