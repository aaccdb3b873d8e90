"""The lint of the house: nothing runs what was sent, unpacks it to paths of its choosing, or trusts without looking.

As bandit's rules for the same classes, but without a way to silence one by a comment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("vernacular", "ingest", "serve", "ui")
# Modules that run what they read, fetch without this project's checks, or read XML with entities.
MODULES = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle", "jinja2", "mako",
    "telnetlib", "ftplib", "urllib.request", "requests", "urllib3", "xml.sax", "xml.dom.minidom", "xmlrpc", "lxml", "code",
    "pty", "commands",
}  # fmt: skip
BUILTINS = {"eval", "exec", "compile", "__import__", "execfile"}
CALLS = {
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "yaml.load", "yaml.load_all",
    "yaml.full_load", "yaml.unsafe_load", "torch.load", "numpy.load", "np.load", "tempfile.mktemp", "shutil.unpack_archive",
    "ssl._create_unverified_context", "xml.etree.ElementTree.parse", "xml.etree.ElementTree.fromstring",
    "ElementTree.fromstring", "ElementTree.parse", "ElementTree.iterparse", "random.seed",
}  # fmt: skip
METHODS = {"extractall", "extract"}
ARGUMENTS = {
    "shell": True,
    "verify": False,
    "check_hostname": False,
    "allow_pickle": True,
    "trust_remote_code": True,
    "autoescape": False,
}
# Names that only share their letters with the dangerous ones.
HARMLESS = {"re.compile", "regex.compile", "_re.compile", "xberg.extract"}
SOURCES_OF_XML = {"xml.etree.ElementTree"}
TYPES_OF_XML = {"Element", "ParseError"}


def offences(name: str, source: str) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        at = f"{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            found += [f"{at}: import {each.name}" for each in node.names if _is_listed(each.name)]
        elif isinstance(node, ast.ImportFrom):
            found += _import_from(node, at)
        elif isinstance(node, ast.Call):
            found += _call(node, at)
    return found


def _is_listed(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:length]) in MODULES for length in range(1, len(parts) + 1)) or module in SOURCES_OF_XML


def _import_from(node: ast.ImportFrom, at: str) -> list[str]:
    module = node.module or ""
    names = [each.name for each in node.names]
    if module in SOURCES_OF_XML:
        return [f"{at}: {module}.{each}" for each in names if each not in TYPES_OF_XML]
    return [f"{at}: {module}.{each}" for each in names if _is_listed(module) or _is_listed(f"{module}.{each}")]


def _call(node: ast.Call, at: str) -> list[str]:
    called = ast.unparse(node.func)
    found = []
    if isinstance(node.func, ast.Name) and node.func.id in BUILTINS:
        found.append(f"{at}: {called}()")
    if called in CALLS or (
        isinstance(node.func, ast.Attribute) and node.func.attr in METHODS and called not in HARMLESS
    ):
        found.append(f"{at}: {called}()")
    for keyword in node.keywords:
        if (
            keyword.arg in ARGUMENTS
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is ARGUMENTS[keyword.arg]
        ):
            found.append(f"{at}: {keyword.arg}={keyword.value.value}")
    return found


def sources() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


NETWORK_MODULES = {"httpx", "aiohttp", "httpcore", "socket", "smtplib", "http.client", "websockets"}
# Who may reach out, and whose address it is. What a tenant, a document or a model names goes through `vernacular.fetching`.
OUTWARD = {
    "vernacular/fetching/": "a tenant's: checked, resolved once, pinned",
    "vernacular/access/jwks.py": "the operator's (access.oidc)", "vernacular/access/oidc.py": "the operator's (access.oidc)",
    "vernacular/audit/outlets.py": "the operator's (audit.syslog)", "vernacular/cli/": "this machine's gateway, or the operator's command",
    "vernacular/embeddings/openai_compatible.py": "the operator's (embeddings.url)", "vernacular/gateway.py": "this machine's gateway",
    "vernacular/listening.py": "listens", "vernacular/redteam/": "this machine's gateway",
    "vernacular/safety/guard_model.py": "the operator's (safety.guard.url)", "vernacular/vectors/": "the operator's (vectors.url), or a Unix socket",
    "vernacular/vision.py": "the operator's (vision)", "vernacular/confined/confinement.py": "takes the network away",
    "serve/engine/": "the operator's (generation.endpoints, rerank.url)", "ui/": "the gateway",
}  # fmt: skip


def connections(name: str, source: str) -> list[str]:
    """Modules for connections that a file imports without being known to reach out."""
    if name.startswith(tuple(OUTWARD)):
        return []
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {node.module or ""} | {f"{node.module}.{each.name}" for each in node.names}
    return [f"{name}: {module}" for module in sorted(imported & NETWORK_MODULES)]


def test_nobody_reaches_out_but_those_whose_address_is_known_to_be_the_operators() -> None:
    found = [offence for name, source in sources() for offence in connections(name, source)]
    assert not found, "fetch through vernacular.fetching, or say in OUTWARD whose address it is:\n" + "\n".join(found)
    assert connections("serve/documents/x.py", "import httpx")
    assert connections("ingest/x.py", "from http import client\nfrom http.client import HTTPConnection")


def test_nothing_runs_or_trusts_what_was_sent() -> None:
    found = [offence for name, source in sources() for offence in offences(name, source)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from pickle import loads", "import cloudpickle", "from joblib import load", "import marshal",
        "import shelve", "from jinja2 import Template", "import jinja2.sandbox", "import yaml; yaml.load(data)",
        "yaml.full_load(data)", "eval(text)", "exec(text)", "compile(text, '', 'exec')", "__import__(name)", "os.system(command)",
        "os.popen(command)", "subprocess.run(command, shell=True)", "torch.load(path)", "np.load(path, allow_pickle=True)",
        "archive.extractall(folder)", "zipfile.ZipFile(path).extract(name, folder)", "tempfile.mktemp()",
        "httpx.get(url, verify=False)", "context.wrap_socket(s, check_hostname=False)", "import requests",
        "from urllib.request import urlopen", "from urllib import request", "import urllib.request",
        "from xml.etree.ElementTree import fromstring", "import xml.etree.ElementTree", "from xml.dom.minidom import parse",
        "AutoModel.from_pretrained(path, trust_remote_code=True)", "shutil.unpack_archive(path, folder)",
    ],
)  # fmt: skip
def test_the_lint_catches(source: str) -> None:
    assert offences("serve/x.py", source)


@pytest.mark.parametrize(
    "source",
    ["re.compile(pattern)", "yaml.safe_load(text)", "from xml.etree.ElementTree import Element", "from urllib.parse import quote",
     "subprocess.run(command)", "literal_eval(text)", "httpx.get(url, verify=True)"],
)  # fmt: skip
def test_the_lint_lets_pass(source: str) -> None:
    assert not offences("serve/x.py", source)
