"""What the lint of `tests/test_tenancy_lint.py` looks for beside SQL and vectors: files, caches, figures and logs that forget whose
something is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

BLOB_METHODS: Final = {"put", "open", "delete", "drop"}
OF_A_TENANT: Final = re.compile(r"(^|[._])tenant(\.id|_id)$")
# Where the folders of stored files may be named: the stores are made there, or all of them are looked through at once.
FOLDERS: Final = {"blobs_path", "uploads_path", "adapters_path"}
FOLDER_USERS: Final = (
    "vernacular/settings.py",
    "vernacular/jobs.py",
    "vernacular/erasure/stores.py",
    "vernacular/uploads.py",
    "serve/quotas/uploads.py",
)
STORES: Final = {"BlobStore", "AdapterStore"}

# Who has something of one tenant's in hand: a function that takes it may not be remembered by functools, for ever and for all.
OF_ONE_TENANT: Final = {"scope", "session", "tenant", "principal", "access", "caller", "key", "credential", "user"}

# Every mapping that an object of the gateway, the worker or the stores keeps, and why nobody gets another's through it.
OF_A_REQUEST: Final = "lives for one request or job"
BY_TENANT: Final = "kept by tenant"
OF_NOBODY: Final = "holds nothing of tenants"
KEPT: Final = {
    "ingest/describing.py: Descriptions._found": OF_A_REQUEST,
    "ingest/describing.py: IllustratingParser._texts": OF_A_REQUEST,
    "ingest/plan.py: Items._files": OF_A_REQUEST,
    "ingest/turns.py: Handing._begun": BY_TENANT,
    "ingest/turns.py: Handing._handed": BY_TENANT,
    "ingest/turns.py: Turns._spent": BY_TENANT,
    "serve/documents/multipart.py: MultipartReader._headers": OF_A_REQUEST,
    "serve/documents/multipart.py: MultipartReader._options": OF_A_REQUEST,
    "serve/documents/multipart.py: MultipartReader.fields": OF_A_REQUEST,
    "serve/engine/adapters/reconciler.py: AdapterReconciler._refused": "by the adapter's id, which is one tenant's",
    "serve/engine/adapters/reconciler.py: AdapterReconciler._sound": "by the adapter's id, which is one tenant's",
    "serve/engine/pool/adapters.py: AdapterKeeper._wanted": "by the adapter's name, which is one tenant's",
    "serve/engine/pool/admission.py: Admission._served": BY_TENANT,
    "serve/engine/pool/pool.py: Pool._looks": OF_NOBODY,
    "serve/engine/pool/pool.py: Pool._queues": "by model; each queue takes turns by tenant",
    "serve/page_images/renderer.py: PageImages._kept": BY_TENANT,
    "serve/page_images/renderer.py: PageImages._traps": BY_TENANT,
    "serve/page_images/turns.py: Turns._lines": BY_TENANT,
    "serve/principals.py: Credentials._used": "by the key's id, which is one tenant's",
    "serve/principals.py: _Remembered._known": "by the credential's digest",
    "serve/quotas/ledger.py: Ledger._held": BY_TENANT,
    "serve/quotas/threads.py: FairThreads._shares": BY_TENANT,
    "serve/quotas/threads.py: FairThreads._works": OF_NOBODY,
    "serve/rag/evidence.py: _Memory._entries": "what follows from a passage's text, by that text",
    "serve/rag/reading.py: Read._families": "what follows from one text",
    "serve/rag/reading.py: Read._heads": "what follows from one text",
    "serve/rag/semantics.py: Semantics._vectors": "what follows from a question's text, by that text",
    "serve/rag/tokens.py: TokenScale._scales": OF_NOBODY,
    "serve/rag/varieties.py: _IndexCache._kept": "by the corpus, which is one tenant's",
    "serve/rag/writing.py: Writer._numbers": OF_A_REQUEST,
    "vernacular/access/jwks.py: ProviderKeys._keys": OF_NOBODY,
    "vernacular/corpus/store.py: _Corpora._kept": BY_TENANT,
    "vernacular/embeddings/openai_compatible.py: OpenAIEmbedder._extra": OF_NOBODY,
    "vernacular/safety/answers.py: AnswerFilter._findings": OF_A_REQUEST,
    "vernacular/vectors/shards.py: Shards._copies": "by partition, which is one tenant's",
    "vernacular/vectors/shards.py: Shards._open": "by partition, which is one tenant's",
}
# Data of languages and packs, command lines that end, and the front end, which has no tenant's stores.
WITHOUT_TENANTS: Final = (
    "vernacular/dialects/",
    "vernacular/text/",
    "vernacular/evaluation/",
    "vernacular/cli/",
    "ui/",
)

# Modules of the gateway that look across tenants, and for what.
ACROSS_TENANTS: Final = {
    "serve/accounts/sign_ins.py": "the tenant that somebody signs in to has to be found",
    "serve/engine/adapters/reconciler.py": "model servers hold the adapters of all tenants",
    "serve/health/service.py": "the platform's own figures",
    "serve/operator/service.py": "operators make, suspend and delete tenants",
    "serve/principals.py": "the tenant of a credential has to be found",
    "serve/quotas/ledger.py": "usage of all tenants is written together",
    "serve/quotas/service.py": "operators see and set what tenants may use",
    "serve/sign_in/endpoints.py": "whether anyone has a password",
    "serve/upkeep.py": "old sign-ins of all tenants go together",
}

LABELS: Final = {
    "method", "route", "status", "outcome", "reason", "model", "mode", "fallback", "whose", "span", "kind", "replica", "error",
}  # fmt: skip
"""Labels of figures that anyone may read."""
FIGURES: Final = {"Counter", "Gauge", "Histogram", "Summary"}
FIGURE_MAKERS: Final = ("vernacular/telemetry.py", "serve/engine/pool/figures.py")

LEVELS: Final = {"debug", "info", "warning", "error", "exception", "critical", "log"}
TOLD_BY_PEOPLE: Final = {
    "text", "question", "query", "content", "title", "filename", "source_id", "username", "email", "display_name", "password",
    "credential", "token", "body", "uri", "quote", "prompt", "messages", "history", "answer", "details", "profile", "attributes",
}  # fmt: skip
"""What a line of the log may not hold: names of variables and attributes that carry people's and tenants' words."""


def offences(name: str, source: str) -> Iterator[str]:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        line = f"{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            yield from _files(line, node)
            yield from _figures(name, line, node)
            yield from _logs(line, node)
        if isinstance(node, ast.Attribute) and node.attr in FOLDERS and not name.startswith(FOLDER_USERS):
            stray = not _given_to_a_store(tree, node)
            yield from [f"{line}: {ast.unparse(node)} outside the stores of files"] if stray else []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_remembers, node.decorator_list)):
            given = {arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
            if mine := given & OF_ONE_TENANT:
                yield f"{line}: {node.name} is remembered for everyone, and takes {', '.join(sorted(mine))}"


def across(source: str) -> list[str]:
    """The uses of `Platform` in a file, but for what finds the row of the caller's own tenant."""
    tree = ast.parse(source)
    own = {
        node.func.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("tenant", "tenant_row", "tenant_by_id")
        and node.args
        and ast.unparse(node.args[0]).startswith("access.principal.tenant.")
    }
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Platform"
        and node not in own
    ]


def caches(name: str, source: str) -> Iterator[str]:
    """`file: Class.attribute` of each mapping that an object keeps for as long as it lives."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            for inner in ast.walk(node):
                target = inner.target if isinstance(inner, ast.AnnAssign) else None
                if isinstance(target, ast.Attribute) and _is_mapping(inner):
                    yield f"{name}: {node.name}.{target.attr}"


def _is_mapping(node: ast.AST) -> bool:
    assert isinstance(node, ast.AnnAssign)
    kind = ast.unparse(node.annotation)
    empty = isinstance(node.value, ast.Dict | ast.Call) and ast.unparse(node.value) in ("{}", "OrderedDict()", "dict()")
    return empty and kind.startswith(("dict[", "OrderedDict[", "defaultdict["))


def _files(line: str, node: ast.Call) -> Iterator[str]:
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in BLOB_METHODS:
        return
    owner = ast.unparse(node.func.value)
    if owner.rpartition(".")[2] not in ("blobs", "_blobs"):
        return
    if not node.args or not OF_A_TENANT.search(ast.unparse(node.args[0])):
        yield f"{line}: {ast.unparse(node)} does not begin with a tenant's id"


def _figures(name: str, line: str, node: ast.Call) -> Iterator[str]:
    if not isinstance(node.func, ast.Name) or node.func.id not in FIGURES:
        return
    if not any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in node.args[:1]):
        return  # collections.Counter
    if not name.startswith(FIGURE_MAKERS):
        yield f"{line}: a figure made outside {' and '.join(FIGURE_MAKERS)}"
    labels = {
        each.value
        for argument in node.args
        if isinstance(argument, ast.List)
        for each in argument.elts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    registry = next((ast.unparse(each.value) for each in node.keywords if each.arg == "registry"), "")
    if labels - LABELS and not registry.endswith("by_tenant"):
        yield f"{line}: the labels {sorted(labels - LABELS)} are not for everyone: use the registry `by_tenant`"


def _logs(line: str, node: ast.Call) -> Iterator[str]:
    function = node.func
    if not isinstance(function, ast.Attribute) or function.attr not in LEVELS:
        return
    if ast.unparse(function.value) not in ("log", "logger", "_log", "logging"):
        return
    told = [
        *node.args[1:],
        *(value for keyword in node.keywords if keyword.arg == "extra" for value in ast.walk(keyword.value)),
    ]
    for each in told:
        last = each.attr if isinstance(each, ast.Attribute) else each.id if isinstance(each, ast.Name) else ""
        if last in TOLD_BY_PEOPLE:
            yield f"{line}: a line of the log would hold `{ast.unparse(each)}`"


def _remembers(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith(("functools.cache", "functools.lru_cache", "cache", "lru_cache"))


def _given_to_a_store(tree: ast.AST, wanted: ast.Attribute) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in STORES
        and any(argument is wanted for argument in node.args)
        for node in ast.walk(tree)
    )
