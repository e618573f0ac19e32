#!/usr/bin/env python3
"""An HTTPS server for the checks: serve_https.py FOLDER. Makes an authority and a certificate for 127.0.0.1 in FOLDER.

Writes the address into FOLDER/url once it listens and answers every request with status 200 and a small JSON body.
"""

import http.server
import ssl
import subprocess
import sys
from pathlib import Path

BODY = b'{"status":"success","processed":1,"created":1,"updated":0,"errors":[]}'
LEAF = "subjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:false\nextendedKeyUsage=serverAuth\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one write

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(BODY)

    do_GET = do_HEAD = do_POST = do_OPTIONS = answer

    def log_message(self, *_: object) -> None:
        pass


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, cwd=folder, stderr=subprocess.DEVNULL)


def certificates(folder: Path) -> None:
    key = ["-newkey", "rsa:2048", "-nodes"]
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Obmen test CA")
    openssl(folder, "req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=127.0.0.1")
    (folder / "leaf.ext").write_text(LEAF)
    authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
    openssl(folder, "x509", "-req", "-in", "leaf.csr", *authority, "-out", "leaf.pem", "-days", "2", "-extfile", "leaf.ext")


def main(folder: Path) -> None:
    certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    (folder / "url").write_text(f"https://127.0.0.1:{server.server_port}/")
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
