"""What goes wrong, in words for people, by the machine-readable names of errors: (what happened, what to do)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ui.i18n.marking import N_

ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "gateway_unreachable": (
        N_("The assistant cannot be reached right now."),
        N_("Try again in a moment; if it lasts, tell those who run this service."),
    ),
    "unavailable": (N_("The assistant is busy or restarting."), N_("Try again in a few seconds.")),
    "vector_store_down": (N_("The assistant is busy or restarting."), N_("Try again in a few seconds.")),
    "index_damaged": (N_("The document index is being rebuilt."), N_("Try again in a minute.")),
    "unauthorized": (
        N_("This page is not allowed to ask the assistant."),
        N_("Its key was revoked or is wrong; tell those who run this service."),
    ),
    "too_long": (N_("Your question is too long."), N_("Ask in a few sentences.")),
    "too_large": (N_("Your question is too long."), N_("Ask in a few sentences.")),
    "empty_question": (N_("There is no question in your message."), N_("Ask in words: a few are enough.")),
    "not_found": (
        N_("This document is no longer available."),
        N_("It may have been withdrawn; ask again to see what holds now."),
    ),
    "unknown_document": (
        N_("This document is no longer available."),
        N_("It may have been withdrawn; ask again to see what holds now."),
    ),
    "timeout": (N_("The assistant took too long to answer."), N_("Try again, or ask in fewer words.")),
    "interrupted": (N_("The answer was cut off."), N_("Ask again.")),
    "bad_answer": (N_("The assistant's answer could not be read."), N_("Tell those who run this service.")),
    "internal": (
        N_("Something went wrong at the assistant."),
        N_("Try again; if it lasts, tell those who run this service."),
    ),
    "store_busy": (N_("The assistant is busy or restarting."), N_("Try again in a few seconds.")),
    "image_refused": (
        N_("This image cannot be used."),
        N_("Send a PNG, JPEG, WebP or GIF that opens on your device, smaller if it is very large."),
    ),
    "no_vision": (N_("This assistant reads text only."), N_("Describe in words what the image shows.")),
    "model_busy": (N_("The assistant is answering many people right now."), N_("Try again in a few seconds.")),
    "model_unavailable": (N_("The assistant is busy or restarting."), N_("Try again in a few seconds.")),
    "model_interrupted": (N_("The answer was cut off."), N_("Ask again.")),
    "signed_out": (
        N_("You are not signed in any more, or have no account here."),
        N_("Sign in again; if that does not help, ask your administrator."),
    ),
    "wrong_password": (
        N_("The organisation, the name or the password is not right."),
        N_("Check all three; your administrator can give you a new password."),
    ),
    "account_locked": (
        N_("There were too many wrong passwords for this name."),
        N_("Wait a quarter of an hour, or ask your administrator to unlock it."),
    ),
    "password_refused": (
        N_("This password cannot be used."),
        N_("Choose a longer one that is hard to guess and that you have not had here."),
    ),
    "too_many_requests": (N_("Too many requests came at once."), N_("Try again in a minute.")),
}
