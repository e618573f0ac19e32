#!/usr/bin/env python3
"""A proxy that breaks HTTP exchanges on purpose, one scripted fault per request. Standard library only.

    proxy.py --upstream 127.0.0.1:8000 --script faults.json --log requests.jsonl

The first line on standard output is JSON {"url"}; it runs until its standard input closes. Each request takes the
next step of the script:

    {"requests": [STEP, …],        the first request takes the first step, and so on; afterwards everything passes
     "each_key": [STEP, …],        instead: the n-th request with one Idempotency-Key takes the n-th step
     "random": {"seed": 1, "chance": 0.3, "steps": [STEP, …]}}      instead: some requests take one of the steps

A STEP is the name of a fault or {"do": name, …}:

    pass                  forwards the request and the answer
    reset_at_once         resets the connection before reading the request
    reset_in_body         resets it in the middle of the request body; nothing reaches the site
    reset_after_body      resets it after the whole request; nothing reaches the site
    lost_answer           the site takes the request, then the connection is reset without an answer
    cut_answer            the site takes the request; the answer breaks off in the middle of its body
    cut_head              the site takes the request; the answer breaks off in the middle of its head
    slow   {"ms"}         forwards, but waits before the answer
    trickle {"ms"}        forwards; the answer's body comes byte by byte with a pause after each
    hang                  reads the request and never answers
    answer {"status", "headers", "body"}          answers itself; nothing reaches the site
    replace {"status", "headers", "body"}         the site takes the request, but this is answered
    raw    {"text"}       answers with these bytes, which need not be HTTP
    refuse {"ms"}         before this request nobody listens for so long: connections are refused

Each line of the log is one request: step, method, path, headers (lower-case names), body length and SHA-256, and the
status that the site gave, if it was asked.
"""
import argparse
import hashlib
import json
import random
import select
import socket
import struct
import sys
import threading
import time

LONGEST = 60.0  # seconds: no connection of this proxy lives longer in one step


class Reset(Exception):
    """End this connection with RST."""


class Script:
    """Says which step the next request takes."""

    def __init__(self, source):
        self.lock = threading.Lock()
        self.requests = [step_of(step) for step in source.get("requests", [])]
        self.each_key = [step_of(step) for step in source.get("each_key", [])]
        self.seen = {}
        chaos = source.get("random")
        self.random = random.Random(chaos["seed"]) if chaos else None
        self.chance = chaos["chance"] if chaos else 0
        self.choices = [step_of(step) for step in chaos["steps"]] if chaos else []

    def next_is(self, name):
        """True if the next request takes the step of this name, for those that act before it is read."""
        with self.lock:
            return bool(self.requests) and self.requests[0]["do"] == name

    def skip(self):
        with self.lock:
            return self.requests.pop(0)

    def take(self, key):
        with self.lock:
            if self.random:
                chosen = self.random.random() < self.chance
                return self.random.choice(self.choices) if chosen else {"do": "pass"}
            if self.each_key:
                number = self.seen[key] = self.seen.get(key, -1) + 1
                return self.each_key[number] if number < len(self.each_key) else {"do": "pass"}
            return self.requests.pop(0) if self.requests else {"do": "pass"}


def step_of(step):
    step = {"do": step} if isinstance(step, str) else dict(step)
    if step["do"] not in STEPS:
        raise SystemExit(f"no such step: {step['do']}")
    return step


class Request:
    """One request, read whole."""

    def __init__(self, head, headers, body):
        self.method, self.path = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")[:2]
        self.head, self.headers, self.body = head, headers, body


class Connection:
    """One client: reads requests, takes a step for each."""

    def __init__(self, proxy, client):
        self.proxy, self.client, self.buffer = proxy, client, b""
        client.settimeout(LONGEST)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self):
        try:
            while self.one_request():
                pass
        except (Reset, OSError):
            # RST instead of FIN: SO_LINGER with a time of zero.
            try:
                self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
        finally:
            self.client.close()

    def one_request(self):
        if not self.wait_for_request():
            return False
        if self.proxy.script.next_is("reset_at_once"):
            self.proxy.script.skip()
            self.proxy.log({"step": "reset_at_once"})
            raise Reset
        with self.proxy.busy:
            self.proxy.requests_running += 1
        try:
            return self.serve_request()
        finally:
            with self.proxy.busy:
                self.proxy.requests_running -= 1
                self.proxy.busy.notify_all()

    def serve_request(self):
        head = self.read_head()
        if head is None:
            return False
        headers = parse_headers(head)
        step = self.proxy.script.take(headers.get("idempotency-key", ""))
        if headers.get("expect", "").lower() == "100-continue":
            self.client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("content-length", "0"))
        body, size, digest = self.read_body(length, step["do"])
        entry = {"step": step["do"], "headers": headers, "body_bytes": size, "body_sha256": digest}
        request = Request(head, headers, body)
        entry.update(method=request.method, path=request.path)
        # Logged before the client hears anything, so that a test that has its answer finds the line.
        if step["do"] in FORWARDING:
            try:
                answer = self.forward(request, entry)
            finally:
                self.proxy.log(entry)
        else:
            answer = None
            self.proxy.log(entry)
        return STEPS[step["do"]](self, request, step, answer)

    def wait_for_request(self):
        """False when the client is done, or when the proxy stops listening and this connection is idle."""
        until = time.monotonic() + LONGEST
        while not self.buffer:
            readable, _, _ = select.select([self.client], [], [], 0.02)
            if self.proxy.refuses():
                if readable:
                    raise Reset
                return False
            if readable:
                return bool(self.client.recv(1, socket.MSG_PEEK))
            if time.monotonic() > until:
                return False
        return True

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            data = self.client.recv(65536)
            if not data or len(self.buffer) > 1_000_000:
                return None
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head + b"\r\n\r\n"

    def read_body(self, length, fault):
        """The body, or its first half when that is where the fault is; its length and SHA-256."""
        wanted = length // 2 if fault == "reset_in_body" else length
        parts, size, digest = [self.buffer[:wanted]], len(self.buffer[:wanted]), hashlib.sha256()
        self.buffer = self.buffer[wanted:]
        while size < wanted:
            data = self.client.recv(min(1 << 20, wanted - size))
            if not data:
                raise Reset
            parts.append(data)
            size += len(data)
        body = b"".join(parts)
        digest.update(body)
        return body, size, digest.hexdigest()

    def forward(self, request, entry):
        """The site's whole answer: head without transfer details, body, status."""
        with socket.create_connection(self.proxy.upstream, timeout=LONGEST) as site:
            site.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lines = [line for line in request.head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"expect:"))]
            site.sendall(b"\r\n".join(lines[:-2]) + b"\r\nConnection: close\r\n\r\n" + request.body)
            answer = b""
            while data := site.recv(1 << 16):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"transfer-encoding:", b"content-length:"))]
        headers = parse_headers(head)
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = unchunk(body)
        entry["site_status"] = int(lines[0].split(b" ")[1])
        head = b"\r\n".join(lines) + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
        return head, body

    def answer(self, step, request):
        body = step.get("body", "").encode()
        headers = {"Content-Type": "application/json", **step.get("headers", {}), "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {step['status']} Scripted"] + [f"{name}: {value}" for name, value in headers.items()]
        # Head and body in one write: two would cost 40 ms of Nagle and delayed acknowledgement.
        self.client.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if request.method == "HEAD" else body))
        return True


def parse_headers(head):
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


def unchunk(data):
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        body, data = body + data[:length], data[length + 2 :]
    return body


def do_pass(connection, request, step, answer):
    head, body = answer
    connection.client.sendall(head + body)
    return True


def do_reset(connection, request, step, answer):
    raise Reset


def do_cut_answer(connection, request, step, answer):
    head, body = answer
    connection.client.sendall(head + body[: len(body) // 2])
    return False


def do_cut_head(connection, request, step, answer):
    head, _ = answer
    connection.client.sendall(head[: len(head) // 2])
    return False


def do_slow(connection, request, step, answer):
    time.sleep(min(step["ms"] / 1000, LONGEST))
    connection.client.sendall(b"".join(answer))
    return True


def do_trickle(connection, request, step, answer):
    head, body = answer
    connection.client.sendall(head)
    until = time.monotonic() + LONGEST
    for byte in body:
        if time.monotonic() > until:
            return False
        connection.client.sendall(bytes([byte]))
        time.sleep(step["ms"] / 1000)
    return True


def do_hang(connection, request, step, answer):
    connection.client.settimeout(LONGEST)
    try:
        connection.client.recv(1)
    except TimeoutError:
        pass
    return False


def do_answer(connection, request, step, answer):
    return connection.answer(step, request)


def do_raw(connection, request, step, answer):
    connection.client.sendall(step["text"].encode())
    return False


STEPS = {
    "pass": do_pass,
    "refuse": do_reset,
    "reset_at_once": do_reset,
    "reset_in_body": do_reset,
    "reset_after_body": do_reset,
    "lost_answer": do_reset,
    "cut_answer": do_cut_answer,
    "cut_head": do_cut_head,
    "slow": do_slow,
    "trickle": do_trickle,
    "hang": do_hang,
    "answer": do_answer,
    "replace": do_answer,
    "raw": do_raw,
}

# The steps in which the site gets the request.
FORWARDING = {"pass", "lost_answer", "cut_answer", "cut_head", "slow", "trickle", "replace"}


class Proxy:
    """Listens, stops listening when the script says so, and hands connections to threads."""

    def __init__(self, upstream, script, log_path, port):
        host, _, upstream_port = upstream.rpartition(":")
        self.upstream = (host, int(upstream_port))
        self.script = script
        self.log_file = open(log_path, "a", encoding="utf-8") if log_path else None
        self.log_lock = threading.Lock()
        self.refusing = threading.Event()
        self.busy = threading.Condition()
        self.requests_running = 0
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Bound but not listening, a port refuses connections, and nobody else can take it. Only a port that was
        # asked for by number stays bound when the socket stops listening.
        self.port = port or free_port()
        self.listener.bind(("127.0.0.1", self.port))
        self.listening = not script.next_is("refuse")
        if self.listening:
            self.listener.listen(128)

    def log(self, entry):
        if self.log_file is None:
            return
        with self.log_lock:
            self.log_file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self.log_file.flush()

    def serve(self):
        while True:
            if self.script.next_is("refuse"):
                self.refuse()
            self.listener.settimeout(0.02)
            try:
                client, _ = self.listener.accept()
            except TimeoutError:
                continue
            client.setblocking(True)
            threading.Thread(target=Connection(self, client).run, daemon=True).start()

    def refuses(self):
        return self.refusing.is_set() or self.script.next_is("refuse")

    def refuse(self):
        self.refusing.set()
        with self.busy:
            self.busy.wait_for(lambda: self.requests_running == 0, timeout=LONGEST)
        if self.listening:
            self.listener.shutdown(socket.SHUT_RDWR)
        step = self.script.skip()
        self.log({"step": "refuse"})
        time.sleep(step["ms"] / 1000)
        self.refusing.clear()
        self.listener.listen(128)
        self.listening = True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", required=True, help="host:port")
    parser.add_argument("--script", help="file with JSON; without it everything passes")
    parser.add_argument("--log", help="file for one line per request")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    arguments = parser.parse_args()
    script = {}
    if arguments.script:
        with open(arguments.script, encoding="utf-8") as file:
            script = json.load(file)
    proxy = Proxy(arguments.upstream, Script(script), arguments.log, arguments.port)
    print(json.dumps({"url": f"http://127.0.0.1:{proxy.port}"}), flush=True)
    threading.Thread(target=proxy.serve, daemon=True).start()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
