"""The system calls that nobody needs for a lab and that attacks on the kernel begin with.

A filter in the kernel's classic BPF (Linux, Documentation/userspace-api/seccomp_filter.rst), which
bubblewrap loads.  A call on the list fails as if it were not permitted; all others pass.
"""

import errno
import platform
import struct

# By machine: the architecture's audit number, clone, clone3, socket, and the calls that fail.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        (56, 435, 41),
        # unshare setns mount umount2 pivot_root ptrace bpf perf_event_open keyctl add_key request_key
        # userfaultfd kexec_load init_module finit_module name_to_handle_at open_by_handle_at
        # process_vm_readv process_vm_writev personality
        (
            272,
            308,
            165,
            166,
            155,
            101,
            321,
            298,
            250,
            248,
            249,
            323,
            246,
            175,
            313,
            303,
            304,
            310,
            311,
            135,
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (220, 435, 198),
        (
            97,
            268,
            40,
            39,
            41,
            117,
            280,
            241,
            219,
            217,
            218,
            282,
            104,
            105,
            273,
            264,
            265,
            270,
            271,
            92,
        ),
    ),
}
# On both: io_uring_setup _enter _register, open_tree move_mount fsopen fsconfig fsmount fspick,
# mount_setattr.
_EVERYWHERE = (*range(425, 434), 442)
_NAMESPACES = 0x7E020000  # the flags of clone that make one
_X32 = 0x40000000  # calls of another table, which the numbers above do not name
_SOCKETS = (1, 2, 10)  # local, IPv4, IPv6; no netlink, no raw packets, none of the kernel's own
_ALLOW = 0x7FFF0000


def _load(offset):
    return (0x20, 0, 0, offset)


def _fail(number):
    return (0x06, 0, 0, 0x00050000 | number)


def program(machine=None):
    """The filter as bytes, or b"" for a machine that it is not written for."""
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        return b""
    arch, (clone, clone3, socket), denied = _MACHINES[machine]
    steps = [_load(4), (0x15, 1, 0, arch), _fail(errno.EPERM), _load(0)]
    steps += [(0x35, 0, 1, _X32), _fail(errno.EPERM)]
    for call in (*denied, *_EVERYWHERE):
        steps += [(0x15, 0, 1, call), _fail(errno.EPERM)]
    steps += [(0x15, 0, 1, clone3), _fail(errno.ENOSYS)]  # the C library then uses clone
    steps += [(0x15, 0, 4, clone), _load(16), (0x45, 0, 1, _NAMESPACES), _fail(errno.EPERM)]
    steps += [(0x06, 0, 0, _ALLOW)]
    steps += [(0x15, 0, 5, socket), _load(16)]
    steps += [(0x15, 2 - i, 0, family) for i, family in enumerate(_SOCKETS)]
    steps += [_fail(errno.EAFNOSUPPORT), (0x06, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
