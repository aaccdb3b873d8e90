"""The tokens of one answer: all are charged before they are used, as far as they are known then, and settled at the end."""

from __future__ import annotations

from typing import Final

from serve.quotas.keeper import QuotaKeeper
from vernacular.access.principal import Principal

BLOCK: Final = 32
"""Tokens of an answer that are charged together, before they are written; what is not used of them is given back at the end."""


class Charge:
    """Of one answer, in one task."""

    def __init__(self, keeper: QuotaKeeper, principal: Principal) -> None:
        self._keeper, self._principal = keeper, principal
        self._taken = self._ahead = 0
        self._open = True
        self.asked_of_models = 0, 0
        """Tokens that model servers counted: read, written."""

    @property
    def limited(self) -> bool:
        """Whether there is a limit at all."""
        return bool(self._keeper.token_windows(self._principal))

    async def take(self, tokens: int) -> None:
        """
        Raises:
            QuotaExceeded: they are more than is left; none of them is charged.
        """
        await self._keeper.take_tokens(self._principal, tokens)
        self._taken += tokens

    async def write(self, tokens: int) -> None:
        """So many more are to be sent.

        Raises:
            QuotaExceeded: the answer has to end here.
        """
        if self._ahead < tokens:
            missing = tokens - self._ahead
            if missing < BLOCK and await self._keeper.could_take_tokens(self._principal, BLOCK):
                self._taken += BLOCK
                self._ahead += BLOCK
            else:
                await self.take(missing)
                self._ahead += missing
        self._ahead -= tokens

    def note_usage(self, prompt: int, completion: int) -> None:
        """A model server has counted what one request to it took: the answer's, or one on the way to it."""
        self.asked_of_models = self.asked_of_models[0] + prompt, self.asked_of_models[1] + completion

    async def settle(self, prompt: int, completion: int, *, whole: bool = True) -> None:
        """The end: so many in all, or as many as model servers counted, if that is more. Only the first call does anything.

        `whole` false: the answer was broken off, and nobody knows what it took; then nothing is given back.
        """
        if not self._open:
            return
        self._open = False
        prompt, completion = max(prompt, self.asked_of_models[0]), max(completion, self.asked_of_models[1])
        if not whole:
            prompt = max(prompt, self._taken - self._ahead - completion)
        rest = prompt + completion - self._taken
        if rest < 0:
            await self._keeper.take_tokens(self._principal, rest)
        elif rest > 0:
            await self._keeper.take_rest(self._principal, rest)
        self._keeper.ledger.count(self._principal, prompt_tokens=prompt, completion_tokens=completion)
