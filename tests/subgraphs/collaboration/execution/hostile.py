"""A corpus of hostile programs: each tries one thing that must not work, and prints ESCAPED when it did."""

from __future__ import annotations

from dataclasses import dataclass

from subgraphs.collaboration.execution import Verdict

ENDED = frozenset({Verdict.COMPLETED, Verdict.RUNTIME_ERROR})
ANY_LIMIT = frozenset(
    {Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT, Verdict.RUNTIME_ERROR, Verdict.COMPLETED}
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """`verdicts`: what may come of it. Whatever comes, ESCAPED must not be printed."""

    name: str
    source: str
    verdicts: frozenset[Verdict] = ENDED
    language: str = "python"


def expect_oserror(name: str, *statements: str) -> Hostile:
    """A Python program whose statements must all fail with OSError."""
    tries = "\n".join(
        f"try:\n    {statement}\n    print('ESCAPED', {statement!r})\nexcept OSError as error:\n    print('refused', error.errno)"
        for statement in statements
    )
    return Hostile(name, f"import os, socket, sys, shutil\n{tries}\n", frozenset({Verdict.COMPLETED}))


def expect_call_refused(name: str, *calls: str) -> Hostile:
    """A Python program whose system calls (through libc) must all answer -1."""
    tries = "\n".join(f"if libc.{call} != -1: print('ESCAPED', {call!r})" for call in calls)
    return Hostile(
        name, f"import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n{tries}\n", frozenset({Verdict.COMPLETED})
    )


PROCESSES = [
    Hostile("fork bomb", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n", ANY_LIMIT),
    Hostile(
        "fork bomb in C",
        "#include <unistd.h>\nint main(void) { for (;;) fork(); }",
        ANY_LIMIT,
        "c",
    ),
    Hostile("fork bomb by shell", "import os\nos.system(':(){ :|:& };:')\nwhile True: pass\n", ANY_LIMIT),
    Hostile(
        "threads without end",
        "import threading, time\nn = 0\ntry:\n    while n < 500:\n        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n        n += 1\n"
        "    print('ESCAPED')\nexcept RuntimeError:\n    pass\n",
        ANY_LIMIT,
    ),
    Hostile(
        "daemon that outlives its parent",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\nos._exit(0)\n",
        ENDED,
    ),
    Hostile(
        "daemon that ignores signals",
        "import os, signal, time\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
        "if os.fork() == 0:\n    while True: time.sleep(1)\n",
        ANY_LIMIT,
    ),
    Hostile(
        "kill everything",
        "import os, signal\nos.kill(-1, signal.SIGKILL)\nprint('ESCAPED')\n",
        ANY_LIMIT | {Verdict.COMPLETED},
    ),
    Hostile(
        "kill the first process",
        "import os, signal\ntry:\n    os.kill(1, signal.SIGKILL)\nexcept OSError: pass\nprint('alive')\n",
        ANY_LIMIT,
    ),
    Hostile(
        "kill processes of the host by number",
        "import os, signal\nfor pid in range(100, 30000):\n    try:\n        os.kill(pid, signal.SIGKILL)\n        print('ESCAPED', pid)\n    except OSError: pass\n",
    ),
    Hostile("busy loop", "while True: pass\n", frozenset({Verdict.TIME_LIMIT})),
    Hostile(
        "busy loop that catches SIGXCPU",
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass\n",
        frozenset({Verdict.TIME_LIMIT, Verdict.RUNTIME_ERROR}),
    ),
    Hostile("sleep for ever", "import time\ntime.sleep(10**6)\n", frozenset({Verdict.TIME_LIMIT})),
    Hostile(
        "stop itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n", frozenset({Verdict.TIME_LIMIT})
    ),
    Hostile("wait on standard input for ever", "import os\nwhile True:\n    os.read(0, 1)\n", ANY_LIMIT),
    Hostile(
        "raise its own limits",
        "import resource\nfor name in ('RLIMIT_NPROC', 'RLIMIT_FSIZE', 'RLIMIT_AS', 'RLIMIT_CPU'):\n    limit = getattr(resource, name)\n"
        "    try:\n        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n        print('ESCAPED', name)\n    except (ValueError, OSError): pass\n",
    ),
    expect_oserror("real-time priority", "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))", "os.nice(-10)"),
    Hostile(
        "node child processes",
        "const c = require('child_process'); for (;;) c.spawnSync('/bin/true');",
        ANY_LIMIT,
        "javascript",
    ),
    Hostile(
        "node worker bomb",
        "const { Worker } = require('worker_threads'); for (let i = 0; i < 200; i++) new Worker('for(;;);', { eval: true });",
        ANY_LIMIT,
        "javascript",
    ),
]
MEMORY = [
    Hostile("memory by list", "hog = []\nwhile True: hog.append(b'x' * 10**6)\n", frozenset({Verdict.MEMORY_LIMIT})),
    Hostile("memory at once", "b'x' * 10**10\n", frozenset({Verdict.MEMORY_LIMIT})),
    Hostile(
        "memory in C, touched",
        "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) { char *p = malloc(1 << 20); if (!p) return 1; memset(p, 1, 1 << 20); } }",
        frozenset({Verdict.MEMORY_LIMIT, Verdict.RUNTIME_ERROR}),
        "c",
    ),
    Hostile(
        "memory over many processes",
        "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n        hog = b'x' * (60 * 10**6)\n        time.sleep(3)\n        os._exit(0)\ntime.sleep(3)\n",
        ANY_LIMIT,
    ),
    Hostile(
        "memory in node buffers",
        "const hog = []; for (;;) hog.push(Buffer.alloc(10e6, 1));",
        frozenset({Verdict.MEMORY_LIMIT, Verdict.RUNTIME_ERROR}),
        "javascript",
    ),
    Hostile(
        "memory in the node heap",
        "const hog = []; for (;;) hog.push(new Array(1e5).fill({}));",
        frozenset({Verdict.MEMORY_LIMIT, Verdict.RUNTIME_ERROR, Verdict.TIME_LIMIT}),
        "javascript",
    ),
    Hostile(
        "stack without end",
        "#include <string.h>\nint down(int n) { char a[4096]; memset(a, n, sizeof a); return down(n + 1) + a[n & 7]; }\nint main(void) { return down(0); }",
        frozenset({Verdict.TIME_LIMIT, Verdict.RUNTIME_ERROR, Verdict.MEMORY_LIMIT}),
        "c",
    ),
    Hostile(
        "shared memory",
        "with open('/dev/shm/x', 'wb') as file:\n    for _ in range(64): file.write(b'x' * 2**20)\nprint('ESCAPED')\n",
        frozenset({Verdict.RUNTIME_ERROR}),
    ),
    Hostile(
        "System V shared memory",
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.shmat.restype = ctypes.c_void_p\nfor n in range(64):\n    id = libc.shmget(0, 2**26, 0o1600)\n    if id < 0: break\n"
        "    at = libc.shmat(id, None, 0)\n    if at in (None, 2**64 - 1): break\n    ctypes.memset(at, 1, 2**26)\nelse:\n    print('ESCAPED')\n",
        ANY_LIMIT,
    ),
    Hostile(
        "memfd",
        "import os\nfd = os.memfd_create('x')\nfor _ in range(1000):\n    os.write(fd, b'x' * 2**20)\nprint('ESCAPED')\n",
        ANY_LIMIT,
    ),
    Hostile(
        "zip bomb",
        "import zlib\nblob = zlib.compress(b'\\0' * 2**26)\nhog = [zlib.decompress(blob) for _ in range(100)]\n",
        frozenset({Verdict.MEMORY_LIMIT}),
    ),
    Hostile("pickle of a huge integer", "10 ** (10 ** 9)\n", frozenset({Verdict.MEMORY_LIMIT, Verdict.TIME_LIMIT})),
]
FILES = [
    Hostile(
        "fill /tmp",
        "with open('/tmp/x', 'wb') as file:\n    for _ in range(64): file.write(b'x' * 2**20)\nprint('ESCAPED')\n",
        frozenset({Verdict.RUNTIME_ERROR, Verdict.OUTPUT_LIMIT}),
    ),
    Hostile(
        "fill /tmp with many files",
        "import os\nfor n in range(40):\n    with open(f'/tmp/{n}', 'wb') as file: file.write(b'x' * 2**20)\nprint('ESCAPED')\n",
        frozenset({Verdict.RUNTIME_ERROR}),
    ),
    Hostile(
        "inodes without end",
        "import os\nn = 0\ntry:\n    while n < 10**6:\n        open(f'/tmp/{n}', 'w').close()\n        n += 1\nexcept OSError: pass\n",
        ANY_LIMIT,
    ),
    Hostile(
        "descriptors without end",
        "import os\nhog = []\nwhile True: hog.append(os.open('/dev/null', os.O_RDONLY))\n",
        frozenset({Verdict.RUNTIME_ERROR}),
    ),
    Hostile(
        "deep folders",
        "import os\nfor _ in range(10**5):\n    os.mkdir('/tmp/d')\n    os.rename('/tmp/d', '/tmp/e') if False else os.chdir('/tmp')\n",
        frozenset({Verdict.RUNTIME_ERROR}),
    ),
    expect_oserror(
        "write into the system",
        "open('/usr/bin/x', 'w')",
        "open('/etc/x', 'w')",
        "open('/x', 'w')",
        "open('/dev/x', 'w')",
        "os.mkdir('/new')",
    ),
    expect_oserror(
        "write into the own folder",
        "open('/box/solution.py', 'w')",
        "os.unlink('/box/solution.py')",
        "os.chmod('/box', 0o777)",
    ),
    expect_oserror(
        "the host's secrets",
        "open('/etc/passwd')",
        "open('/etc/shadow')",
        "os.listdir('/root')",
        "os.listdir('/home')",
        "os.listdir('/var')",
        "os.listdir('/sys')",
    ),
    expect_oserror(
        "symlink out of the box",
        "(os.symlink('/etc/shadow', '/tmp/s'), open('/tmp/s'))[1]",
        "(os.symlink('/proc/1/root', '/tmp/r'), os.listdir('/tmp/r/root'))[1]",
    ),
    expect_oserror("hard link of a system file", "os.link('/usr/bin/env', '/tmp/l')"),
    expect_oserror(
        "the memory of the kernel",
        "open('/dev/mem', 'rb')",
        "open('/dev/kmsg')",
        "open('/proc/kcore', 'rb')",
        "open('/dev/sda', 'rb')",
        "open('/dev/vda', 'rb')",
    ),
    expect_oserror("a device of its own", "os.mknod('/tmp/null', 0o666 | 0o020000, os.makedev(1, 1))"),
    expect_oserror(
        "kernel settings",
        "open('/proc/sys/kernel/core_pattern', 'w')",
        "open('/proc/sysrq-trigger', 'w')",
        "open('/proc/sys/vm/overcommit_memory', 'w')",
    ),
    expect_oserror(
        "control groups", "open('/sys/fs/cgroup/memory/release_agent', 'w')", "os.listdir('/sys/fs/cgroup')"
    ),
    Hostile(
        "a set-uid program of its own",
        "import os, shutil, subprocess\nshutil.copy('/usr/bin/id', '/tmp/id')\nos.chmod('/tmp/id', 0o4755)\nout = subprocess.run(['/tmp/id', '-u'], capture_output=True, text=True).stdout\n"
        "if out.strip() == '0': print('ESCAPED')\n",
    ),
    Hostile(
        "su and sudo",
        "import subprocess\nfor tool in (['su', '-c', 'id'], ['sudo', 'id'], ['mount', '-t', 'tmpfs', 'x', '/tmp']):\n    try:\n        if subprocess.run(tool, capture_output=True, timeout=2).returncode == 0: print('ESCAPED', tool)\n    except (OSError, subprocess.SubprocessError): pass\n",
        ANY_LIMIT,
    ),
]
OUTPUT = [
    Hostile(
        "output flood", "import sys\nwhile True: sys.stdout.write('x' * 10000)\n", frozenset({Verdict.OUTPUT_LIMIT})
    ),
    Hostile(
        "error flood", "import sys\nwhile True: sys.stderr.write('x' * 10000)\n", frozenset({Verdict.OUTPUT_LIMIT})
    ),
    Hostile(
        "output flood from children",
        "import os\nos.fork(); os.fork()\nwhile True: os.write(1, b'y' * 65536)\n",
        frozenset({Verdict.OUTPUT_LIMIT}),
    ),
    Hostile(
        "output that is no text", "import os\nos.write(1, bytes(range(256)) * 8)\n", frozenset({Verdict.COMPLETED})
    ),
    Hostile(
        "output flood in node",
        "for (;;) console.log('x'.repeat(1000));",
        # Which of the three comes first depends on how busy the machine is.
        frozenset({Verdict.OUTPUT_LIMIT, Verdict.MEMORY_LIMIT, Verdict.TIME_LIMIT}),
        "javascript",
    ),
    Hostile("output closed", "import os\nos.close(1); os.close(2)\n", ENDED),
]
KERNEL = [
    expect_call_refused("ptrace", "ptrace(0, 0, 0, 0)", "ptrace(16, 1, 0, 0)"),
    expect_call_refused(
        "memory of another process", "process_vm_readv(1, 0, 0, 0, 0, 0)", "process_vm_writev(1, 0, 0, 0, 0, 0)"
    ),
    expect_call_refused(
        "namespaces", "unshare(0x10000000)", "unshare(0x00020000)", "unshare(0x40000000)", "setns(0, 0)"
    ),
    expect_call_refused("clone into a user namespace", "syscall(56, 0x10000011, 0, 0, 0, 0)"),
    expect_call_refused(
        "mounts",
        "mount(b'x', b'/tmp', b'tmpfs', 0, 0)",
        "umount2(b'/tmp', 2)",
        "syscall(155, b'/tmp', b'/tmp')",
        "chroot(b'/tmp')",
    ),
    expect_call_refused("bpf and perf", "syscall(321, 0, 0, 0)", "syscall(298, 0, 0, -1, -1, 0)"),
    expect_call_refused("io_uring", "syscall(425, 1, 0)"),
    expect_call_refused("keys", "syscall(250, 0, -3, 0, 0, 0)", "syscall(248, b'user', b'x', b'y', 1, -3)"),
    expect_call_refused(
        "userfaultfd and modules",
        "syscall(323, 0)",
        "syscall(175, 0, 0, 0)",
        "syscall(313, 0, 0, 0)",
        "syscall(246, 0, 0, 0, 0)",
    ),
    expect_call_refused(
        "the clock and the name of the machine",
        "clock_settime(0, bytes(16))",
        "sethostname(b'x', 1)",
        "syscall(169, 0, 0, 0, 0)",
    ),
    expect_call_refused(
        "file handles", "syscall(304, 0, bytes(16), 0)", "syscall(303, -100, b'/', bytes(64), bytes(8), 0)"
    ),
    expect_call_refused("identity", "setuid(0)", "setresuid(0, 0, 0)", "setgid(0)", "setgroups(1, bytes(4))"),
    Hostile(
        "calls of another processor mode",
        '#include <unistd.h>\n#include <stdio.h>\nint main(void) { long r; __asm__ volatile("syscall" : "=a"(r) : "a"(0x40000000L + 39) : "rcx", "r11", "memory"); printf("ESCAPED %ld", r); return 0; }',
        frozenset({Verdict.RUNTIME_ERROR}),
        "c",
    ),
    Hostile(
        "32-bit calls",
        '#include <stdio.h>\nint main(void) { int r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory"); if (r > 0) printf("ESCAPED %d", r); return 0; }',
        ENDED,
        "c",
    ),
    Hostile(
        "type into the terminal",
        "import fcntl, termios\ntry:\n    fd = open('/dev/tty')\n    fcntl.ioctl(fd, termios.TIOCSTI, b'x')\n    print('ESCAPED')\nexcept OSError: pass\n",
    ),
]
NETWORK = [
    expect_oserror(
        "services of the host",
        *(f"socket.create_connection(('127.0.0.1', {port}), timeout=1)" for port in (22, 4000, 4001, 4004, 5432)),
    ),
    expect_oserror(
        "the world",
        "socket.create_connection(('1.1.1.1', 53), timeout=1)",
        "socket.create_connection(('169.254.169.254', 80), timeout=1)",
    ),
    expect_oserror("names", "socket.gethostbyname('example.org')"),
    expect_oserror("datagrams", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))"),
    expect_oserror(
        "raw sockets", "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", "socket.socket(17, socket.SOCK_RAW)"
    ),
    expect_oserror(
        "sockets of other kinds",
        "socket.socket(40, socket.SOCK_STREAM)",
        "socket.socket(16, socket.SOCK_RAW)",
        "socket.socket(38, socket.SOCK_SEQPACKET)",
    ),
    expect_oserror(
        "sockets of the host's services by path",
        "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
        "socket.socket(socket.AF_UNIX).connect('/var/run/dbus/system_bus_socket')",
    ),
    Hostile(
        "node fetch",
        "fetch('http://127.0.0.1:4000/').then(() => console.log('ESCAPED'), () => console.log('refused'));",
        frozenset({Verdict.COMPLETED}),
        "javascript",
    ),
]
LOOKING_AROUND = [
    Hostile(
        "environment",
        "import os\nleft = set(os.environ) - {'PATH', 'HOME', 'LANG', 'PWD', 'LC_CTYPE'}\nif left: print('ESCAPED', left)\n",
    ),
    Hostile(
        "environment of the first process",
        "data = open('/proc/1/environ', 'rb').read()\nif b'SECRET' in data or b'DATABASE' in data: print('ESCAPED', data)\n",
    ),
    Hostile(
        "other processes", "import os\nif len([n for n in os.listdir('/proc') if n.isdigit()]) > 3: print('ESCAPED')\n"
    ),
    Hostile(
        "descriptors that were left open",
        "import os\nfor fd in os.listdir('/proc/self/fd'):\n    try: target = os.readlink(f'/proc/self/fd/{fd}')\n    except OSError: continue\n"
        "    if not target.startswith(('pipe:', '/dev/null', '/proc/', '/box/')): print('ESCAPED', fd, target)\n",
    ),
    Hostile(
        "the folder of another run",
        "import os\nfound = [name for name in os.listdir('/tmp')]\nif found: print('ESCAPED', found)\nprint(os.listdir('/box'))\n",
    ),
    Hostile(
        "name of the machine",
        "import socket\nif socket.gethostname() != 'box': print('ESCAPED', socket.gethostname())\n",
    ),
]

CORPUS = [*PROCESSES, *MEMORY, *FILES, *OUTPUT, *KERNEL, *NETWORK, *LOOKING_AROUND]
