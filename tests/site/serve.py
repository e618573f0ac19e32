#!/usr/bin/env python3
"""Starts the test site under gunicorn on a free port; runs until its standard input closes.

The first line on standard output is JSON: {"url", "database", "uploads"}. Run with the Python of the venv that holds
requirements.txt. A parent that dies closes the pipe, so nothing stays behind.
"""
import argparse
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PR_SET_PDEATHSIG = 1


def main():
    arguments = parse()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    environment = dict(
        os.environ,
        SITE_DIRECTORY=str(arguments.directory.resolve()),
        SITE_TOKEN=arguments.token,
        SITE_ERRORS=arguments.errors,
        SITE_IDEMPOTENCY="0" if arguments.no_idempotency else "1",
        SITE_MAX_BODY=str(arguments.max_body),
        SITE_DATABASE_TIMEOUT=str(arguments.database_timeout),
        DJANGO_SETTINGS_MODULE="shop.settings",
        PYTHONDONTWRITEBYTECODE="1",
    )
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=HERE, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", arguments.port))
    listener.listen(128)
    listener.set_inheritable(True)
    command = [
        sys.executable, "-m", "gunicorn", "shop.wsgi", "--bind", f"fd://{listener.fileno()}",
        "--workers", str(arguments.workers), "--worker-class", "gthread", "--threads", "4",
        "--timeout", "60", "--keep-alive", "5", "--log-level", "warning", "--no-control-socket",
    ]
    server = subprocess.Popen(
        command, cwd=HERE, env=environment, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL,
        stdout=sys.stderr, preexec_fn=die_with_parent,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        port = listener.getsockname()[1]
        listener.close()
        print(json.dumps({
            "url": f"http://127.0.0.1:{port}",
            "database": str(arguments.directory.resolve() / "site.sqlite3"),
            "uploads": str(arguments.directory.resolve() / "uploads"),
        }), flush=True)
        sys.stdin.buffer.read()
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="database and uploads go here")
    parser.add_argument("--token", default="test-token")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--errors", choices=["strings", "objects"], default="strings")
    parser.add_argument("--no-idempotency", action="store_true", help="a site that ignores Idempotency-Key")
    parser.add_argument("--max-body", type=int, default=16 * 1024 * 1024, help="bytes; larger gets 413")
    parser.add_argument("--database-timeout", type=float, default=30, help="seconds to wait for a locked database")
    return parser.parse_args()


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main()
