"""Stands in for `vllm`: a small HTTP server that takes the same arguments and can be told to misbehave.

`VLLM_FAKE` in its environment says how: `die:TEXT` prints TEXT and ends with code 1; `hang` answers until told to hang
by POST /hang; `deaf` never listens; `stubborn` ignores SIGTERM. It starts a child of its own in a session of its own, as
engine cores and Ray do, and writes what it was given to the file that VLLM_FAKE_NOTES names.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

METRICS = """# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="tiny"} 3.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="tiny"} 2.0
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="tiny"} 0.25
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="tiny"} 1200.0
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{engine="0",model_name="tiny"} 340.0
"""


class Handler(BaseHTTPRequestHandler):
    hung = False
    model = ""
    key = ""

    def do_GET(self) -> None:
        if self.hung:
            time.sleep(600)
        elif self.path == "/health":
            self._answer(b"")
        elif self.path == "/metrics":
            self._answer(METRICS.encode())
        elif self.headers["authorization"] != f"Bearer {self.key}":
            self.send_error(401)
        else:
            self._answer(json.dumps({"data": [{"id": self.model, "max_model_len": 2048}]}).encode())

    def do_POST(self) -> None:
        Handler.hung = True
        self._answer(b"")

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(argv: Sequence[str]) -> None:
    how, _, text = os.environ.get("VLLM_FAKE", "").partition(":")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    notes = Path(os.environ["VLLM_FAKE_NOTES"])
    with notes.open("a", encoding="utf-8") as file:
        names = [name for name in os.environ if name.startswith(("VLLM", "HF_", "DO_NOT", "OMP", "CUDA", "PYTHON"))]
        told = {"argv": list(argv), "pid": os.getpid(), "child": child.pid, "environment": sorted(names)}
        file.write(json.dumps(told) + "\n")
    sys.stderr.write("(APIServer pid=1) INFO 11-22 02:00:00 [api_server.py:1] loading\n")
    if how == "die":
        sys.stderr.write(text.replace("\\n", "\n") + "\n")
        sys.exit(1)
    if how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if how == "deaf":
        time.sleep(600)
    options = dict(itertools.pairwise(argv))
    Handler.model = options["--served-model-name"]
    Handler.key = os.environ["VLLM_API_KEY"]
    ThreadingHTTPServer(("127.0.0.1", int(options["--port"])), Handler).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
