"""The proxy breaks exchanges in exactly the scripted way. Run with `python3 -m unittest`."""
import http.client
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

PROXY = Path(__file__).with_name("proxy.py")


class Upstream(http.server.BaseHTTPRequestHandler):
    """A site that counts what reaches it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(body)
        answer = b'{"status": "success"}'
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)

    def log_message(self, *_):
        pass


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        self.upstream.received = []
        threading.Thread(target=self.upstream.serve_forever, daemon=True).start()
        self.addCleanup(self.upstream.server_close)
        self.addCleanup(self.upstream.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, script):
        (self.folder / "script.json").write_text(json.dumps(script))
        command = [sys.executable, str(PROXY), "--upstream", "127.0.0.1:%d" % self.upstream.server_port]
        command += ["--script", str(self.folder / "script.json"), "--log", str(self.folder / "log.jsonl")]
        proxy = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(lambda: (proxy.stdin.close(), proxy.stdout.close(), proxy.wait(10)))
        host, port = json.loads(proxy.stdout.readline())["url"][7:].split(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=10)
        self.addCleanup(self.connection.close)

    def send(self, key="k"):
        """Status and body, or the name of what went wrong."""
        try:
            self.connection.request("POST", "/", b"x" * 1000, {"Idempotency-Key": key})
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            return type(error).__name__, b""

    def outcomes(self, steps):
        self.start({"requests": steps})
        return [self.send()[0] for _ in steps]

    def test_what_passes_reaches_the_site_once(self):
        self.assertEqual(self.outcomes(["pass", "pass", {"do": "slow", "ms": 1}]), [200, 200, 200])
        self.assertEqual(len(self.upstream.received), 3)

    def test_resets_before_the_site_reach_nobody(self):
        outcomes = self.outcomes(["reset_at_once", "reset_in_body", "reset_after_body"])
        self.assertTrue(all(name in ("ConnectionResetError", "BrokenPipeError") for name in outcomes), outcomes)
        self.assertEqual(self.upstream.received, [])

    def test_lost_and_cut_answers_reach_the_site(self):
        outcomes = self.outcomes(["lost_answer", "cut_answer", {"do": "replace", "status": 502, "body": "x"}])
        self.assertEqual(outcomes, ["ConnectionResetError", "IncompleteRead", 502])
        self.assertEqual(len(self.upstream.received), 3)

    def test_scripted_answers_reach_nobody(self):
        steps = [{"do": "answer", "status": 503, "headers": {"Retry-After": "7"}}, {"do": "raw", "text": "nonsense\r\n"}]
        self.assertEqual(self.outcomes(steps), [503, "BadStatusLine"])
        self.assertEqual(self.upstream.received, [])

    def test_refused_connections_do_not_use_up_steps(self):
        self.start({"requests": [{"do": "refuse", "ms": 300}, "pass", {"do": "refuse", "ms": 300}, "pass"]})
        self.assert_refused_for_a_while()
        self.assert_refused_for_a_while()

    def assert_refused_for_a_while(self):
        outcomes = [self.send()[0]]
        until = time.monotonic() + 20
        while outcomes[-1] != 200 and time.monotonic() < until:
            time.sleep(0.02)
            outcomes.append(self.send()[0])
        self.assertIn("ConnectionRefusedError", outcomes)
        self.assertEqual(outcomes[-1], 200)

    def test_steps_can_be_given_for_each_key(self):
        self.start({"each_key": ["lost_answer"]})
        outcomes = [self.send(key)[0] for key in ("a", "b", "a", "b")]
        self.assertEqual(outcomes, ["ConnectionResetError"] * 2 + [200] * 2)

    def test_every_request_is_logged_with_what_the_site_said(self):
        self.outcomes(["reset_after_body", "pass"])
        lines = [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]
        self.assertEqual([line.get("site_status") for line in lines], [None, 200])
        self.assertEqual(lines[1]["headers"]["idempotency-key"], "k")


if __name__ == "__main__":
    unittest.main()
