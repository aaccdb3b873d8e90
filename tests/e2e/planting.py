"""A tenant in whose every text, name and title stands markup that would reach a sink, run, or change the page, if it were let."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import httpx

from tests.e2e.demo import Demo
from tests.e2e.test_untrusted import FACT, QUESTION, payloads
from tests.vllm.processes import until

TENANT: Final = "planted"
NDJSON: Final = {"Content-Type": "application/x-ndjson"}
# Shown, each of them proves that somebody's text was taken for markup.
SKULL, ICON, COLOUR = "💀", "skull", "rainbow"


def directives(sink: str) -> list[str]:
    """What Streamlit and browsers make something of beyond `payloads`."""
    run = "window.intruded=1"
    return [
        ":skull:", f":material/{ICON}:", f":{COLOUR}[x]", ":red-background[x]", ":green-badge[x]", ":blue[:skull:]", "$\\alpha$",
        f"</textarea><img src={sink}/textarea>", f"</title><img src={sink}/title>", f"</style><style>@import url({sink}/style)</style>",
        f"<!--><img src={sink}/comment>-->", f"<![CDATA[><img src={sink}/cdata>]]>", f"[x](data:text/html,<script>{run}</script>)",
        f"![x](data:image/svg+xml,<svg/onload={run}>)", f"<a href='data:text/html,<script>{run}</script>'>x</a>", f"//{sink[7:]}/bare",
        f"<https://127.0.0.1:9/?{run}>", f"x{{background:url({sink}/css)}}", f"</script><script>{run}</script>", f"| a | b |\n|-|-|\n| ![a]({sink}/cell) | x |",
        f"<select><option><img src={sink}/option></select>", f"<portal src={sink}/portal></portal>", "# heading\n## another", "<marquee>x</marquee>",
        f"<dialog open><img src={sink}/dialog></dialog>", f"%3Cimg%20src%3D{sink}%3E", f"<plaintext><img src={sink}/plain>",
    ]  # fmt: skip


def everything(sink: str) -> list[str]:
    return [*payloads(sink), *directives(sink)]


def packed(texts: Iterable[str], most: int) -> list[str]:
    """The texts, as many to a line as `most` characters hold; longer ones are left out."""
    lines, line = [], ""
    for text in (" ".join(text.split()) for text in texts):
        if len(line) + 1 + len(text) > most and line:
            lines.append(line)
            line = ""
        if len(text) <= most:
            line = f"{line} {text}".strip()
    return [*lines, line] if line else lines


@dataclass
class Planting:
    """`taken`: how many texts the gateway took at each place. What it refuses cannot be shown; what it takes is what is tested."""

    demo: Demo
    sink: str
    taken: dict[str, int] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The name of one of those that the documents are from."""
        return f"<img src={self.sink}/source>"

    def plant(self) -> None:
        made = json.loads(self.demo.command("tenant", "create", TENANT, "--languages", "en,zh-Hant,ar", "--json"))
        self.demo.keys[TENANT] = made["admin_key"]
        texts = everything(self.sink)
        self._documents(texts)
        self._settings(texts)
        self._access(texts)
        self._conversations(texts)
        self._editors(texts)

    def offer(self, place: str, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Send it; None: the gateway refuses such a text."""
        headers = {"Authorization": f"Bearer {self.demo.token(TENANT, 'admin')}"}
        response = httpx.request(
            method, f"{self.demo.gateway}{path}", headers=headers, json=body, timeout=60, trust_env=False
        )
        if response.status_code == 422 or response.status_code == 400:
            return None
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text[:500]}"
        self.taken[place] = self.taken.get(place, 0) + 1
        return response.json()

    def _call(self, method: str, path: str, **more: Any) -> Any:
        return self.demo.call(TENANT, method, path, **more)

    def _documents(self, texts: Sequence[str]) -> None:
        lines = [" ".join(text.split()) for text in texts]
        body = "\n\n".join(f"{FACT[:-1]} {line}." for line in lines)
        records = [
            {
                "id": f"record {line}"[:200], "title": line, "text": f"{FACT[:-1]} {line}.",
                "metadata": {
                    "note": line, "tags": lines[:3], "category": lines[number % 5], "price": 12.5 + number % 3, "currency": "<b>HKD</b>",
                    "brand": line, "<img src=x>:skull:": lines[number % 7],
                },
            }
            for number, line in enumerate(lines)
        ]  # fmt: skip
        files = {
            "page.html": f"<html><head><title>{lines[3]}</title></head><body><h1>{lines[1]}</h1><p>{body}</p></body></html>",
            f"# {lines[0]}.md".replace("/", "∕"): f"# {lines[0]}\n\n{body}",
            '"><img src=x onerror=window.intruded=1>.txt': body,
            "<svg onload=window.intruded=1>.pdf": "not a PDF at all",  # set aside, with its name and the reason
        }
        packed_files = io.BytesIO()
        with zipfile.ZipFile(packed_files, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        # Refused, each with its id and what it said: they are set aside.
        refused = [{**record, "uri": "javascript:window.intruded=1"} for record in records]
        jobs = [
            self._call(
                "POST",
                "/v1/documents",
                params={"source": source},
                content="\n".join(map(json.dumps, sent)),
                headers=NDJSON,
            )["job_id"]
            for source, sent in ((self.source, records), (":skull: ![a](x)", records), ("<b>refused</b>", refused))
        ]
        upload = {"file": ("<b>all</b>:skull:.zip", packed_files.getvalue())}
        jobs.append(self._call("POST", "/v1/documents", files=upload)["job_id"])
        for job in jobs:
            until(partial(self._has_ended, job), "the documents", 60)
        held = self._call("GET", "/v1/sources")["data"]
        self.taken["documents"] = sum(each["documents"] for each in held)
        self.taken["set aside"] = len(self._call("GET", "/v1/quarantine", params={"limit": 200})["data"])

    def _has_ended(self, job: str) -> bool:
        return self._call("GET", f"/v1/jobs/{job}")["state"] in ("succeeded", "partial")

    def _settings(self, texts: Sequence[str]) -> None:
        name, contact = packed(texts, 190), packed(texts[20:], 95)
        terms = dict(zip(packed(texts, 95), packed(texts, 480) * 10, strict=False))
        self.offer("display name", "PATCH", "/v1/admin/settings", {"display_name": name[0]})
        self.offer("greeting", "PATCH", "/v1/admin/settings", {"greeting": "\n".join(packed(texts, 900)[:1])})
        self.offer("suggestions", "PATCH", "/v1/admin/settings", {"suggested_questions": name[:12]})
        whom = {"name": name[1], "phone": contact[0], "hours": name[2], "text": packed(texts, 480)[1]}
        self.offer("contact", "PATCH", "/v1/admin/settings", {"contact": whom})
        self.offer("glossary", "PATCH", "/v1/admin/settings", {"glossary": terms})
        for number, text in enumerate(packed(texts, 900)):
            version = {"text": text, "note": name[number]}
            self.offer("prompts", "POST", "/v1/admin/prompts/persona", version)

    def _access(self, texts: Sequence[str]) -> None:
        for number, line in enumerate(packed(texts, 190)):
            user = {
                "username": line,
                "display_name": line,
                "email": f"{line}@x.example",
                "groups": [line],
                "local": False,
            }
            self.offer("users", "POST", "/v1/admin/users", user) or self.offer(
                "users", "POST", "/v1/admin/users", {**user, "username": f"u{number}", "email": ""}
            )
            self.offer("groups", "POST", "/v1/admin/groups", {"name": f"{number} {line}"[:200]})
            self.offer("keys", "POST", "/v1/admin/keys", {"name": line, "role": "member"})
            self.offer("widgets", "POST", "/v1/admin/widgets", {"name": line, "origins": ["https://town.example"]})

    def _conversations(self, texts: Sequence[str]) -> None:
        """Questions that nobody answers, and one that is, with what people say of them."""
        for line in [QUESTION, *packed(texts, 400)]:
            asked = {
                "model": "default",
                "messages": [{"role": "user", "content": line if line == QUESTION else f"Zyxq {line}"}],
            }
            about = self._call("POST", "/v1/chat/completions", json=asked)["vernacular"]
            comment = {"rating": -1, "reason": "wrong", "comment": line}
            told = {"conversation_id": about["conversation_id"], "message_id": about["message_id"], **comment}
            self._call("POST", "/v1/feedback", json=told)
        self.taken["conversations"] = len(packed(texts, 400))

    def _editors(self, texts: Sequence[str]) -> None:
        for line in packed(texts, 190):
            query = {"query": line, "sources": [line], "sort": "newest"}
            self.offer("saved searches", "POST", "/v1/saved-searches", {"name": line, "query": query})
        for number, line in enumerate(" ".join(text.split()) for text in texts):
            asked = f"What is there on pier {number}? {line}"
            approved = {"question": asked, "variants": [f"pier {number} {line}"], "answer": f"A shed. {line}"}
            self.offer("approved answers", "POST", "/v1/approved-answers", approved) or self.offer(
                "approved answers", "POST", "/v1/approved-answers", {**approved, "answer": "A shed."}
            )
