"""Every error a caller may see: one hierarchy, each with an HTTP status, a machine-readable name and a hint.

VernacularError (500 internal)
├── BadRequest (400)             InvalidSetting, UnreadableFile, EmptyFile, TooLong, ImageRefused, AdapterRefused,
│                                ModelRefused (ContextTooLong), InvalidPack, InvalidPolicy, PasswordRefused, FetchRefused,
│                                FetchFailed …
├── Unauthorized (401)           WrongPassword, AccountLocked, TokenRefused
├── Forbidden (403)              PasswordChangeNeeded
├── NotFound (404)               UnknownTenant, UnknownDocument, UnknownModel, UnknownProfile, UnknownAdapter,
│                                UnknownDialect, UnknownUser, UnknownGroup, UnknownPolicy …
├── MethodNotAllowed (405)
├── Conflict (409)
├── TooLarge (413)
├── TooManyRequests (429)        ModelBusy, QuotaExceeded
├── Unavailable (503)            VectorStoreDown, StoreBusy, ModelUnavailable, ModelInterrupted, LaunchFailed
└── MigrationFailed (500)
"""

from __future__ import annotations

from typing import ClassVar


class VernacularError(Exception):
    """Base of all. `message` says in one sentence what is wrong, `hint` what the caller can do about it."""

    status: ClassVar[int] = 500
    name: ClassVar[str] = "internal"
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint


class BadRequest(VernacularError):
    status = 400
    name = "bad_request"


class InvalidSetting(BadRequest):
    name = "invalid_setting"


class UnreadableFile(BadRequest):
    """The parser could not make text of the file; `message` says why in words for the person who sent it."""

    name = "unreadable_file"


class EmptyFile(UnreadableFile):
    name = "empty_file"
    default_hint = "Send a file that holds text."


class EncryptedFile(UnreadableFile):
    name = "encrypted_file"
    default_hint = "Remove the password and send the file again."


class UnsupportedFile(UnreadableFile):
    name = "unsupported_file"
    default_hint = "Supported: txt, md, html, pdf, docx, pptx, xlsx, csv, json, eml and NDJSON records."


class ParserTimeout(UnreadableFile):
    name = "parser_timeout"
    default_hint = "Split the file or export it again as PDF/A or plain text."


class ParserCrashed(UnreadableFile):
    name = "parser_crashed"
    default_hint = "The file is damaged or asks for too much memory; export it again."


class InvalidRecord(BadRequest):
    """One NDJSON record or feed row is not what the contract asks for."""

    name = "invalid_record"


class EmptyQuestion(BadRequest):
    name = "empty_question"
    default_hint = "Ask in words: a few are enough."


class TooLong(BadRequest):
    name = "too_long"


class ImageRefused(BadRequest):
    """An image that is too large, of a type that is not taken, damaged, or only an address."""

    name = "image_refused"
    default_hint = "Send a PNG, JPEG, WebP or GIF inside the request, as a `data:` URL."


class NoVision(BadRequest):
    """The tenant's model reads text only."""

    name = "no_vision"
    default_hint = "Describe in words what the image shows."


class ModelRefused(BadRequest):
    """The model server does not take the request as it is; sending it again would not help."""

    name = "model_refused"
    default_hint = "Ask in other words."


class ContextTooLong(ModelRefused):
    """The prompt and the answer's tokens together are more than the model reads at once."""

    name = "context_too_long"
    default_hint = "Send fewer or shorter messages."


class WeightsMissing(BadRequest):
    name = "weights_missing"


class InvalidPack(BadRequest):
    """A dialect pack, or a dictionary to import, is not what it should be."""

    name = "invalid_pack"
    default_hint = "Correct the file; docs/dialects.md tells its form."


class AdapterRefused(BadRequest):
    """A LoRA adapter that is unsafe, damaged, or made for another model."""

    name = "adapter_refused"


class PasswordRefused(BadRequest):
    """A password that is too short, too common, or the one there was."""

    name = "password_refused"


class InvalidPolicy(BadRequest):
    """A safety policy, or a part of one, is not what it should be."""

    name = "invalid_policy"
    default_hint = "Correct the file; docs/safety.md tells its form."


class FetchRefused(BadRequest):
    """An address that documents are not fetched from, or what it gave is not taken."""

    name = "fetch_refused"
    default_hint = "Give the public http(s) address of a page or a file."


class FetchFailed(BadRequest):
    """The server that documents were to be fetched from cannot be reached, is too slow, or answers with an error."""

    name = "fetch_failed"
    default_hint = "Open the address in a browser, and try again later."


class UnsupportedSource(BadRequest):
    """A way of sending documents that this gateway does not offer."""

    name = "unsupported_source"
    default_hint = (
        "Send files as multipart/form-data, records as application/x-ndjson, or addresses as application/json."
    )


class Unauthorized(VernacularError):
    status = 401
    name = "unauthorized"
    default_hint = "Send `Authorization: Bearer KEY`; `vernacular key create` makes a key."


class WrongPassword(Unauthorized):
    """The name or the password is wrong; which, is not said."""

    name = "wrong_password"
    default_hint = "Check both; an administrator can give you a new password."


class AccountLocked(Unauthorized):
    """Too many wrong passwords in a row."""

    name = "account_locked"
    default_hint = "Wait a quarter of an hour, or ask an administrator to unlock it."


class TokenRefused(Unauthorized):
    """An identity provider's token is not one for this gateway, or no longer."""

    name = "token_refused"
    default_hint = "Sign in again."


class Forbidden(VernacularError):
    status = 403
    name = "forbidden"


class PasswordChangeNeeded(Forbidden):
    """The account still has the password that someone else gave it."""

    name = "password_change_needed"
    default_hint = "Choose a password of your own first: POST /v1/password."


class NotFound(VernacularError):
    status = 404
    name = "not_found"


class UnknownTenant(NotFound):
    name = "unknown_tenant"
    default_hint = "`vernacular tenant list` shows the tenants there are."


class UnknownDocument(NotFound):
    name = "unknown_document"


class UnknownJob(NotFound):
    name = "unknown_job"


class UnknownConversation(NotFound):
    name = "unknown_conversation"
    default_hint = "Leave `conversation_id` out to begin a new one."


class UnknownModel(NotFound):
    name = "unknown_model"
    default_hint = "GET /v1/models lists the names that can be used."


class UnknownProfile(NotFound):
    name = "unknown_profile"
    default_hint = "`vernacular model list` shows the profiles there are."


class UnknownAdapter(NotFound):
    name = "unknown_adapter"
    default_hint = "`vernacular adapter list` shows the adapters there are."


class UnknownDialect(NotFound):
    name = "unknown_dialect"
    default_hint = "`vernacular dialect list` shows the packs there are."


class UnknownUser(NotFound):
    name = "unknown_user"
    default_hint = "`vernacular user list` shows the accounts there are."


class UnknownGroup(NotFound):
    name = "unknown_group"


class UnknownPolicy(NotFound):
    """A safety policy that is not there."""

    name = "unknown_policy"
    default_hint = "`vernacular safety list` shows the policies there are."


class UnknownRun(NotFound):
    """An evaluation run that is not there."""

    name = "unknown_run"
    default_hint = "`vernacular eval --list` shows the runs there are."


class UnknownSearch(NotFound):
    """A saved search that is not there, or is someone else's."""

    name = "unknown_search"
    default_hint = "GET /v1/saved-searches lists yours."


class NoSuchPath(NotFound):
    name = "no_such_path"
    default_hint = "Check the spelling; relative paths start from the current folder."


class MethodNotAllowed(VernacularError):
    status = 405
    name = "method_not_allowed"
    default_hint = "GET /openapi.json lists the routes and their methods."


class Conflict(VernacularError):
    status = 409
    name = "conflict"


class TooLarge(VernacularError):
    status = 413
    name = "too_large"


class TooManyRequests(VernacularError):
    """`retry_after_s` is what the `Retry-After` header tells."""

    status = 429
    name = "too_many_requests"
    default_hint = "Try again in a few seconds."

    def __init__(self, message: str, hint: str | None = None, retry_after_s: int = 2) -> None:
        super().__init__(message, hint)
        self.retry_after_s = retry_after_s


class QuotaExceeded(TooManyRequests):
    """A tenant, an account or a key has used up what it may use for now."""

    name = "quota_exceeded"


class ModelBusy(TooManyRequests):
    """Every replica of the model, and the queue before them, is full."""

    name = "model_busy"


class Unavailable(VernacularError):
    status = 503
    name = "unavailable"
    default_hint = "Try again in a few seconds."


class ModelUnavailable(Unavailable):
    """No replica of the model could begin an answer."""

    name = "model_unavailable"


class ModelInterrupted(Unavailable):
    """The model went away in the middle of an answer."""

    name = "model_interrupted"


class LaunchFailed(Unavailable):
    """A model server could not be started; `message` says which of the known causes it was."""

    name = "launch_failed"


class StoreBusy(Unavailable):
    """The SQL database could not be reached, or was locked for too long."""

    name = "store_busy"


class VectorStoreDown(Unavailable):
    name = "vector_store_down"


class IndexDamaged(Unavailable):
    """A tenant's vector index is lost or torn; it is rebuilt from SQL by the worker."""

    name = "index_damaged"
    default_hint = "The index is rebuilt by itself; try again in a minute, or run `vernacular reindex`."


class MigrationFailed(VernacularError):
    """The database could not be brought to this version's schema; nothing may be served from it."""

    name = "migration_failed"
    default_hint = "Restore the last backup, or run the version that wrote this database."
