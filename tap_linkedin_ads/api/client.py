"""Asks LinkedIn until it answers: retries, throttles, tokens, and what it refuses."""

from __future__ import annotations

import collections
import contextlib
import threading
import typing as t
from dataclasses import replace

import backoff
import requests

from tap_linkedin_ads.api import responses, restli, transport
from tap_linkedin_ads.api.adaptation import Adaptations
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.lists import ListLimits
from tap_linkedin_ads.api.refused import Difference
from tap_linkedin_ads.api.reply import CountedRows, judge, streamed, whole
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.room import Room
from tap_linkedin_ads.api.throttle import Throttle
from tap_linkedin_ads.api.transport import Transport

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.clock import Clock
    from tap_linkedin_ads.api.quota import MetricQuota
    from tap_linkedin_ads.api.reply import Reader
    from tap_linkedin_ads.api.room import Body
    from tap_linkedin_ads.api.tokens import AccessToken, Tokens
    from tap_linkedin_ads.api.versions import ApiVersion

R = t.TypeVar("R")
C = t.TypeVar("C", bound=CountedRows)

VOLUME_WINDOW_SECONDS = 330.0
"""Five minutes of LinkedIn's metric-value budget, and a little more."""
_MOST_TRIES = 8
_FEW_TRIES = 3
"""Tries of a request that resembles one which stayed without an answer."""
_HALVINGS = 10
"""Requests that fail in a row while one ad account of a thousand is looked for by halving."""
_SMALLEST: dict[str, restli.Value] = {"q": "search", "pageSize": 1}
_LONGEST_PAUSE = 60.0
_LARGE = 256 * 1024


class Client:
    """LinkedIn's API as the tap sees it. Safe to use from several threads."""

    def __init__(  # noqa: PLR0913  one keyword a setting
        self,
        *,
        api_url: str,
        version: ApiVersion,
        user_agent: str,
        timeout: float,
        max_workers: int,
        tokens: Tokens,
        quota: MetricQuota,
        clock: Clock,
        log: t.Callable[[str], None],
    ) -> None:
        self._room = Room()
        self._reading_large = threading.Lock()
        """Held while a larger answer is read, so that one at a time takes memory for that."""
        self.transport = Transport(
            api_url=api_url,
            user_agent=user_agent,
            timeout=timeout,
            connections=max_workers,
            clock=clock,
            room=self._room,
        )
        self._tokens = tokens
        self._quota = quota
        self._clock = clock
        self._log = log
        self._throttle = Throttle(clock)
        self.version = version
        self.adaptations = Adaptations()
        self.list_limits = ListLimits()
        self._most_failures = _HALVINGS + max_workers
        self._lock = threading.Lock()
        self.requests_sent: collections.Counter[str] = collections.Counter()
        self.characters_replaced: collections.Counter[str] = collections.Counter()
        """By stream: characters of answers that loaders cannot take."""

    def fetch(
        self, request: Request, decode: t.Callable[[bytes], R], *, is_part: bool = False
    ) -> R:
        """Send a request until it is answered, and decode the answer.

        Args:
            request: What to read.
            decode: Turns the body into what the caller wants. ``msgspec.DecodeError`` (and its
                ``ValidationError``) count as a broken body, which is asked for again.
            is_part: The request is a part of one that failed for good: few tries will do.

        Returns:
            What ``decode`` returned.

        Raises:
            RequestFailedError: The request failed for good; its failure says what to do.
        """
        return self.fetch_adapted(request, decode, is_part=is_part)[1]

    def fetch_adapted(
        self, request: Request, decode: t.Callable[[bytes], R], *, is_part: bool = False
    ) -> tuple[Request, R]:
        """Send a request as ``fetch`` does, adapted to what LinkedIn refuses.

        Returns:
            The request that was answered, and what ``decode`` returned.

        Raises:
            RequestFailedError: As ``fetch``.
        """
        return self._fetch(request, whole(decode), is_part=is_part)

    def _fetch(self, request: Request, read: Reader[R], *, is_part: bool) -> tuple[Request, R]:
        first = sent = self.adaptations.fit(request)
        search, refusal = self.adaptations.search(first), None
        while True:
            try:
                answer = self._until_answered(sent, read, is_part=is_part)
            except RequestFailedError as error:
                following = search.following(sent, error.failure)
                if following is None:
                    raise
                sent, refusal = following, error.failure
                continue
            if search.has_guessed:
                # A refusal without a word may have passed: only one that stays is learnt from.
                try:
                    return first, self._until_answered(first, read, is_part=True)
                except RequestFailedError as error:
                    if error.failure.status != requests.codes.bad_request:
                        return sent, answer
            for found in self.adaptations.learn(request, sent, refusal) if refusal else ():
                self._warn_of(found)
            return sent, answer

    def differs(self, found: Difference) -> None:
        """Note what LinkedIn refuses where a caller found another way; warn of it once."""
        if self.adaptations.note(found):
            self._warn_of(found)

    def _warn_of(self, found: Difference) -> None:
        self._log(
            f"{found.resource}: LinkedIn refuses {found.refused} ({found.reason}); "
            f"the tap sends {found.instead} in this run."
        )

    def _until_answered(self, request: Request, read: Reader[R], *, is_part: bool) -> R:
        try:
            return self._try(request, read, is_part=is_part)
        except BaseException:
            self._throttle.give_up(request.resource)
            raise

    def _try(self, request: Request, read: Reader[R], *, is_part: bool) -> R:
        waits = backoff.expo(base=2, factor=1, max_value=_LONGEST_PAUSE)
        waits.send(None)
        resource, refreshed = request.resource, False
        for tried in range(1, _MOST_TRIES + 1):
            entered_at = self._throttle.enter(resource)
            token, version = self._tokens.current(), self.version.current
            answer = self._attempt(request, token, version, read)
            if not isinstance(answer, Failure):
                self._throttle.answered(resource)
                return answer
            if answer.is_version_gone and self._follow_on(version, answer, request.stream):
                continue
            is_last = tried == _MOST_TRIES
            if answer.is_silence:
                is_last |= tried >= _FEW_TRIES and (is_part or self._throttle.is_silent(resource))
            failure = answer.lasting() if is_last else answer
            if failure.status == requests.codes.unauthorized and not refreshed:
                refreshed = self._refresh(token, entered_at)
                if refreshed:
                    continue
            if failure.remedy is Remedy.STOP_RESOURCE:
                self._throttle.close(resource, failure)
            if is_last or not failure.may_pass(tried, token_is_fresh=token.is_fresh(entered_at)):
                raise RequestFailedError(self._counted(_final(failure), resource), resource)
            self._wait(failure, entered_at, next(waits) or 1.0, resource)
        raise AssertionError  # pragma: no cover  the last try returns or raises

    def _counted(self, failure: Failure, resource: str) -> Failure:
        """Count requests that stay without an answer; many in a row close their resource."""
        if failure.remedy is not Remedy.BACK_OFF:
            self._throttle.refused(resource)
            return failure
        failures = self._throttle.failed(resource)
        if failures < self._most_failures:
            return failure
        message = f"{failures} requests in a row stayed without a proper answer: {failure.message}"
        outage = replace(failure, remedy=Remedy.OUTAGE, message=message)
        self._throttle.close(resource, outage)
        return outage

    def fetch_report(
        self,
        request: Request,
        read: t.Callable[[Body], C],
        *,
        names: int,
        expected_rows: int,
        is_part: bool = False,
    ) -> C:
        """Send a report request within the budget of metric values.

        Args:
            request: What to read.
            read: Turns the body into what the caller wants, as ``decode`` in ``fetch`` does.
            names: Names in its ``fields``.
            expected_rows: Rows that the answer may have at most, as far as that is known.
            is_part: As in ``fetch``.

        Returns:
            What ``read`` returned.
        """
        reservation = self._quota.reserve(names * expected_rows)
        rows = 0
        try:
            _, answer = self._fetch(request, streamed(read), is_part=is_part)
            rows = answer.rows
        finally:
            self._quota.settle(reservation, names * rows)
        return answer

    def _refresh(self, token: AccessToken, entered_at: float) -> bool:
        """Fetch a new token where that can help; a token of this minute is not replaced."""
        if not self._tokens.can_refresh or token.is_fresh(entered_at):
            return False
        self._log("The access token is no longer accepted: fetching a new one.")
        self._tokens.refresh(token)
        return True

    def _follow_on(self, refused: str, failure: Failure, stream: str) -> bool:
        """Go on with another API version where one was switched off; tell whether there is one."""
        if not self.version.follow_on(refused, lambda version: self.answers(version, stream)):
            return False
        current = self.version.current
        found = Difference(
            "every resource",
            f"LinkedIn-Version={refused}",
            f"LinkedIn-Version={current}",
            failure.message,
        )
        if not self.adaptations.note(found):
            return True
        self._log(
            f"API version {refused} is switched off ({failure.message}): going on with {current} "
            f"in this run. Upgrade the tap, or set api_version to {current} to keep it."
        )
        return True

    def answers(self, version: str, stream: str) -> bool:
        """Ask LinkedIn, in the smallest request there is, whether it serves an API version.

        Args:
            version: YYYYMM.
            stream: On whose behalf.

        Raises:
            RequestFailedError: There is no access token to be had.
        """
        request = Request("adAccounts", "/adAccounts", _SMALLEST, stream=stream)
        read = whole(responses.row)
        for _ in range(_FEW_TRIES):
            answer = self._attempt(request, self._tokens.current(), version, read)
            if not isinstance(answer, Failure):
                return True
            if not answer.is_silence:
                return not answer.is_version_gone
            self._clock.sleep(1.0)
        return False

    def _attempt(
        self, request: Request, token: AccessToken, version: str, read: Reader[R]
    ) -> R | Failure:
        with self._lock:
            self.requests_sent[request.stream] += 1
        try:
            reply = self.transport.send(
                request.path,
                restli.query(request.parameters),
                token=token.value,
                version=version,
                restli_method=request.restli_method,
            )
        except requests.RequestException as error:
            return transport.failure_of(error)
        is_large = reply.body is not None and reply.body.size > _LARGE
        with self._reading_large if is_large else contextlib.nullcontext():
            verdict = judge(reply, read)
        if verdict.replaced:
            with self._lock:
                self.characters_replaced[request.stream] += verdict.replaced
        return verdict.answer

    def _wait(self, failure: Failure, entered_at: float, wait: float, resource: str) -> None:
        """Wait before the next try; a throttle makes every thread wait."""
        seconds = backoff.full_jitter(wait)
        if failure.status == requests.codes.too_many_requests:
            # Answers to requests of one incident wait once; each further incident waits longer.
            seconds = min(2.0 ** self._throttle.incidents(resource), _LONGEST_PAUSE) + seconds
        if failure.remedy is Remedy.WAIT_FOR_WINDOW:
            seconds = VOLUME_WINDOW_SECONDS
        if failure.retry_after is not None:
            seconds = failure.retry_after
        if failure.status != requests.codes.too_many_requests:
            self._log(f"{resource}: {failure.message}; trying again in {seconds:.1f} s.")
            self._clock.sleep(seconds)
        elif self._throttle.pause(resource, entered_at, seconds):
            self._log(f"{resource}: {failure.message}; its requests wait {seconds:.1f} s.")


def _final(failure: Failure) -> Failure:
    """Return the failure to report; without a valid token nothing else can work either."""
    if failure.status != requests.codes.unauthorized:
        return failure
    message = (
        f"{failure.message}: LinkedIn does not accept the access token; set a valid access_token, "
        "or client_id, client_secret and refresh_token so that the tap can fetch one"
    )
    return replace(failure, remedy=Remedy.STOP, message=message)
