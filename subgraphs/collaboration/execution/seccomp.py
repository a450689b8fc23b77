"""Assemble the system call filter of the sandbox: a deny-list in BPF, as bubblewrap's --seccomp reads it.

The namespaces already keep code away from the host; the filter takes away the parts of the kernel that no solution needs and that
most escapes went through. https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_JUMP_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000

_NR, _ARCH, _ARG0 = 0, 4, 16  # offsets in struct seccomp_data; low halves on little endian
X32_BIT = 0x40000000
NEW_NAMESPACES = 0x7E020080  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10

# Number by machine: (x86_64, aarch64). -1: the machine does not have it.
DENIED: dict[str, tuple[int, int]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "lookup_dcookie": (212, 18),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "modify_ldt": (154, -1),
    "uselib": (134, -1),
    "ustat": (136, -1),
    "vhangup": (153, 58),
    "personality": (135, 92),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "fanotify_init": (300, 262),
    "mq_open": (240, 180),
}


@dataclass(frozen=True, slots=True)
class _Machine:
    audit_arch: int
    column: int
    clone: int
    clone3: int
    socket: int
    has_x32: bool


_MACHINES = {
    "x86_64": _Machine(0xC000003E, 0, clone=56, clone3=435, socket=41, has_x32=True),
    "aarch64": _Machine(0xC00000B7, 1, clone=220, clone3=435, socket=198, has_x32=False),
}


class UnknownMachine(Exception):
    """Raised on a processor whose system call numbers are not known here: no filter, no sandbox."""


def seccomp_filter(machine_name: str | None = None) -> bytes:
    """The filter as an array of struct sock_filter. Raises UnknownMachine."""
    name = machine_name or platform.machine()
    machine = _MACHINES.get(name)
    if machine is None:
        raise UnknownMachine(f"no system call numbers are known for {name}; there are {', '.join(_MACHINES)}")
    program = [
        _instruction(_LOAD, k=_ARCH),
        _instruction(_JUMP_EQUAL, 1, 0, machine.audit_arch),
        _instruction(_RETURN, k=_KILL),
        _instruction(_LOAD, k=_NR),
    ]
    if machine.has_x32:
        program += [_instruction(_JUMP_AT_LEAST, 0, 1, X32_BIT), _instruction(_RETURN, k=_KILL)]
    for numbers in DENIED.values():
        if numbers[machine.column] >= 0:
            program += _refuse(numbers[machine.column], errno.EPERM)
    # glibc falls back to clone, whose flags can be looked at, when clone3 is not there.
    program += _refuse(machine.clone3, errno.ENOSYS)
    program += [
        _instruction(_JUMP_EQUAL, 0, 4, machine.clone),
        _instruction(_LOAD, k=_ARG0),
        _instruction(_JUMP_ANY_BIT, 0, 1, NEW_NAMESPACES),
        _instruction(_RETURN, k=_ERRNO | errno.EPERM),
        _instruction(_RETURN, k=_ALLOW),
    ]
    # For these three the network namespace is empty; other families (vsock, netlink, alg) it does not fence in, or nobody needs.
    program += [
        _instruction(_JUMP_EQUAL, 0, 5, machine.socket),
        _instruction(_LOAD, k=_ARG0),
        _instruction(_JUMP_EQUAL, 3, 0, AF_UNIX),
        _instruction(_JUMP_EQUAL, 2, 0, AF_INET),
        _instruction(_JUMP_EQUAL, 1, 0, AF_INET6),
        _instruction(_RETURN, k=_ERRNO | errno.EAFNOSUPPORT),
        _instruction(_RETURN, k=_ALLOW),
    ]
    return b"".join(program)


def _refuse(number: int, error: int) -> list[bytes]:
    return [_instruction(_JUMP_EQUAL, 0, 1, number), _instruction(_RETURN, k=_ERRNO | error)]


def _instruction(code: int, if_true: int = 0, if_false: int = 0, k: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, k)
