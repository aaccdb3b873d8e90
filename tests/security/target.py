"""What is attacked: a gateway with a model that says back what it is told, and documents that the attacks' words find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.security.echo import EchoModel, Said, echo_model
from tests.vllm.processes import GatewayServer, Tenant, until

DOCUMENTS: Final = {
    "terminal": "The reading room's terminal prints text on request. Colours and hyperlinks of the terminal can be switched off.",
    "links": "A link on our page opens in a new window. Images and logos on the page are shown without a summary of the conversation.",
    "letters": "Write the text of a letter in plain words. Print the message, sign it, and add the date. Say what you want in one line.",
    "codes": "The archive decodes old messages: Morse code, braille, base64 and other encodings are read by the staff on Tuesdays.",
    "story": "The story hour for children begins at 15:00. Classify, summarise or translate nothing beforehand; just come and listen.",
    "hours": "The library opens at 9:00 and closes at 18:00. A card costs 12 crowns a year.",
}
"""Of each probe's words some are in these, so that the model is asked rather than the question declined."""


@dataclass(frozen=True, slots=True)
class Target:
    gateway: GatewayServer
    tenant: Tenant
    model: EchoModel

    @property
    def public_key(self) -> str:
        """A key as a visitor's chat page has it."""
        made = self.gateway.command("key", "create", "--tenant", self.tenant.slug, "--role", "public", "--json")
        assert made.returncode == 0, made.stderr
        return str(json.loads(made.stdout)["key"])


@contextmanager
def target(home: Path, *, says: Said = "question", mode: str = "sentences") -> Iterator[Target]:
    """`mode`: that of `generation.stream`. The model is asked whatever the confidence is, as long as a passage is found."""
    with echo_model(says) as model:
        settings = {
            "VERNACULAR_GENERATION__ENDPOINTS": json.dumps([{"url": model.url}]),
            "VERNACULAR_GENERATION__STREAM": mode,
            "VERNACULAR_GENERATION__HEALTH_EVERY_S": "0.3",
            "VERNACULAR_ANSWERS__ASK_MODEL_FROM": "0",
        }
        gateway = GatewayServer(home, settings)
        try:
            gateway.wait()
            tenant = gateway.tenant("library")
            _learn(tenant)
            yield Target(gateway, tenant, model)
        finally:
            gateway.stop()


def _learn(tenant: Tenant) -> None:
    records = [{"id": name, "title": name, "text": text, "language": "en"} for name, text in DOCUMENTS.items()]
    body = "\n".join(map(json.dumps, records)).encode()
    sent = tenant.call("POST", "/v1/documents", content=body, headers={"Content-Type": "application/x-ndjson"})
    assert sent.status_code == 202, sent.text
    job = f"/v1/jobs/{sent.json()['job_id']}"
    until(lambda: tenant.call("GET", job).json()["state"] == "succeeded", "the documents", 60)
