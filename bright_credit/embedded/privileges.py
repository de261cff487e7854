"""Running PostgreSQL for root, whom it refuses, with files that perhaps only root may read.

Two ways out, tried in this order; both leave every folder's permissions alone.

1. A user namespace in which root is nobody in particular: the id is no longer 0, while the files
   stay root's own. Some containers forbid it.
2. The user `nobody`, given just the right to read and write files past their permissions.
"""

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bright_credit.embedded.errors import EmbeddedServiceError

_CLONE_NEWUSER = 0x10000000
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2
_FILE_RIGHTS = (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH)


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """As whom a server runs: what is done just before it starts, and who owns its data.

    `owner_uid` None means whoever we are.
    """

    before_exec: Callable[[], None] | None = None
    owner_uid: int | None = None

    def take_over(self, folder: Path) -> None:
        """Give a folder and all in it to the owner, unless it is the owner's already."""
        if self.owner_uid is None or folder.stat().st_uid == self.owner_uid:
            return
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(Path(parent) / name, self.owner_uid, -1, follow_symlinks=False)
        os.chown(folder, self.owner_uid, -1)


def server_identity(program: Path) -> ServerIdentity:
    """Return an identity under which `program`, which refuses root, can be run here."""
    if os.geteuid() != 0:
        return ServerIdentity()
    for identity in _identities_for_root():
        if _can_run(program, identity):
            return identity
    raise EmbeddedServiceError(
        "The private PostgreSQL refuses to run as root, and this system allows root no way around "
        "it. Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
    )


def _identities_for_root() -> tuple[ServerIdentity, ...]:
    nobody = pwd.getpwnam("nobody")
    libc = ctypes.CDLL(None, use_errno=True)
    as_nobody = ServerIdentity(_become(libc, nobody.pw_uid, nobody.pw_gid), nobody.pw_uid)
    if not sys.platform.startswith("linux"):
        return (as_nobody,)
    return (ServerIdentity(_enter_user_namespace(libc), owner_uid=0), as_nobody)


def _can_run(program: Path, identity: ServerIdentity) -> bool:
    try:
        trial = subprocess.run(
            [program, "--version"],
            capture_output=True,
            check=False,
            cwd="/",
            preexec_fn=identity.before_exec,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return trial.returncode == 0


def _enter_user_namespace(libc: ctypes.CDLL) -> Callable[[], None]:
    def enter() -> None:
        if libc.unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "unshare")

    return enter


def _become(libc: ctypes.CDLL, uid: int, gid: int) -> Callable[[], None]:
    linux = sys.platform.startswith("linux")

    def become() -> None:
        if linux:
            libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        if linux:
            _keep_file_rights(libc)

    return become


def _keep_file_rights(libc: ctypes.CDLL) -> None:
    """Keep the file rights across exec; where that is refused, the plain user must do."""
    mask = sum(1 << right for right in _FILE_RIGHTS)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Effective, permitted and inheritable, for the capabilities 0 to 31 and then 32 to 63.
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if libc.capset(header, sets) == 0:
        for right in _FILE_RIGHTS:
            libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, right, 0, 0)
