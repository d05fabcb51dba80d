"""Objects by key: fifty a request, or one by one."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, urlsplit

import pytest

from tap_linkedin_ads.api.batch_get import Batcher, Lookups
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.workers import Workers
from tests.linkedin_mock import REST, Mocked, mocked

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from tests.singer import Json

NOT_FOUND = {"status": 404, "message": "Not Found"}
FORBIDDEN = {"status": 403, "message": "No."}


@pytest.fixture
def linkedin() -> Iterator[Mocked]:
    """Return a run."""
    with mocked() as run:
        yield run


def batches(linkedin: Mocked, **odd: t.Any) -> None:  # noqa: ANN401
    """Let LinkedIn answer batches, and single requests for the keys 1 to 9.

    Args:
        linkedin: The run.
        odd: By key behind an underscore: what a batch holds of it instead.
    """

    def answer(request: requests.Request, _: object) -> Json:
        keys = parse_qs(urlsplit(str(request.url)).query)["ids"][0][5:-1].split(",")
        errors = {key: odd[f"_{key}"] for key in keys if f"_{key}" in odd}
        return {
            "results": {key: {"id": key, "by": "batch"} for key in keys if key not in errors},
            "errors": {key: error for key, error in errors.items() if error is not None},
        }

    linkedin.linkedin.get(f"{REST}/images", json=answer)
    for key in range(1, 10):
        linkedin.linkedin.get(f"{REST}/images/{key}", json={"id": str(key), "by": "get"})


def by(found: t.Any) -> dict[str, t.Any]:  # noqa: ANN401
    """Return how each object was read, or the status of its failure."""
    return {
        key: one.status if isinstance(one, Failure) else one["by"] for key, one in found.items()
    }


def test_fifty_objects_share_a_request(linkedin: Mocked) -> None:
    """On behalf of the stream that wants them."""
    batches(linkedin)
    lookups = Lookups(linkedin.run.client)
    assert lookups.has_batches is None
    keys = [str(number) for number in range(100, 203)]
    found = lookups.get_many("images", keys, "posts")
    assert by(found) == dict.fromkeys(keys, "batch")
    assert [asked.count(",") + 1 for asked in linkedin.asked] == [50, 50, 3]
    assert linkedin.linkedin.request_history[0].headers["X-RestLi-Method"] == "BATCH_GET"
    assert linkedin.run.client.requests_sent == {"posts": 3}
    assert lookups.has_batches is True
    assert not lookups.lacks_batches
    assert not lookups.one_by_one("images")
    assert lookups.get_many("images", [], "posts") == {}


def test_one_object_is_asked_for_alone(linkedin: Mocked) -> None:
    """A batch of one is none, and tells nothing about batches."""
    batches(linkedin)
    lookups = Lookups(linkedin.run.client)
    assert by(lookups.get_many("images", ["7"], "posts")) == {"7": "get"}
    assert linkedin.asked == ["/images/7"]
    assert lookups.has_batches is None


def test_a_key_is_encoded_in_its_path(linkedin: Mocked) -> None:
    """URNs are keys."""
    linkedin.linkedin.get(f"{REST}/images/urn%3Ali%3Aimage%3A5", json={"id": 5})
    assert Lookups(linkedin.run.client).get("images", "urn:li:image:5", "posts") == {"id": 5}


@pytest.mark.parametrize(
    ("error", "read"),
    [
        (NOT_FOUND, 404),
        (FORBIDDEN, 403),
        ({"status": "404"}, 404),
        ({"status": 200}, "get"),
        ({"status": 500}, "get"),
        ({"status": "odd"}, "get"),
        ({}, "get"),
        ("odd", "get"),
        (None, "get"),
    ],
    ids=str,
)
def test_what_a_batch_lacks_is_asked_for_alone(
    linkedin: Mocked, error: object, read: object
) -> None:
    """Unless the batch says that it is not there, or not for this member."""
    batches(linkedin, _2=error)
    found = Lookups(linkedin.run.client).get_many("images", ["1", "2", "3"], "posts")
    assert by(found) == {"1": "batch", "2": read, "3": "batch"}
    assert list(found) == ["1", "2", "3"]
    assert linkedin.run.client.requests_sent.keys() == {"posts"}


@pytest.mark.parametrize(
    ("status", "raises"), [(403, False), (404, False), (400, True), (500, True)]
)
def test_an_object_that_is_not_for_this_member_is_a_failure(
    linkedin: Mocked, status: int, *, raises: bool
) -> None:
    """Anything else concerns more than this object."""
    body = {"status": status, "message": "No."}
    linkedin.linkedin.get(f"{REST}/images/1", status_code=status, json=body)
    lookups = Lookups(linkedin.run.client)
    if raises:
        with pytest.raises(RequestFailedError):
            lookups.get("images", "1", "posts")
    else:
        found = lookups.get("images", "1", "posts")
        assert isinstance(found, Failure)
        assert (found.status, found.remedy) == (status, Remedy.SET_ASIDE)


def test_an_app_without_batches_reads_one_by_one(linkedin: Mocked) -> None:
    """A refused batch and an object that is answered show it; other resources are not tried."""
    batches(linkedin)
    linkedin.linkedin.get(f"{REST}/images", status_code=403, json=FORBIDDEN)
    lookups = Lookups(linkedin.run.client)
    found = lookups.get_many("images", ["1", "2"], "posts")
    assert by(found) == {"1": "get", "2": "get"}
    assert lookups.has_batches is False
    assert lookups.lacks_batches
    assert lookups.one_by_one("videos")
    assert lookups.get_batch("videos", ["1", "2"], "posts") is None
    assert len(linkedin.asked) == 3


def test_one_resource_may_lack_batches(linkedin: Mocked) -> None:
    """Where another was answered in a batch."""
    batches(linkedin)
    linkedin.linkedin.get(f"{REST}/videos", status_code=400, json={"status": 400})
    lookups = Lookups(linkedin.run.client)
    lookups.get_many("images", ["1", "2"], "posts")
    assert lookups.get_batch("videos", ["1", "2"], "posts") is None
    assert lookups.one_by_one("videos")
    assert not lookups.one_by_one("images")
    assert not lookups.lacks_batches


def test_a_limit_of_keys_is_one_resources(linkedin: Mocked) -> None:
    """Where LinkedIn takes fewer keys of one, those of another are still fifty."""

    def answer(request: requests.Request, context: t.Any) -> Json:  # noqa: ANN401
        keys = parse_qs(urlsplit(str(request.url)).query)["ids"][0][5:-1].split(",")
        if "images" in str(request.url) and len(keys) > 25:
            context.status_code = 413
            return {"status": 413, "message": "Too long."}
        return {"results": {key: {"id": key, "by": "batch"} for key in keys}}

    for resource in ("images", "videos"):
        linkedin.linkedin.get(f"{REST}/{resource}", json=answer)
    lookups, keys = Lookups(linkedin.run.client), [str(n) for n in range(50)]
    for resource in ("images", "videos"):
        assert by(lookups.get_many(resource, keys, "posts")) == dict.fromkeys(keys, "batch")
    assert [asked.count(",") + 1 for asked in linkedin.asked] == [50, 25, 25, 50]
    (found,) = linkedin.run.client.adaptations.differences
    assert (found.resource, found.refused, found.instead) == (
        "images",
        "50 values in ids",
        "25 values in ids",
    )


def test_a_failure_of_a_batch_that_is_no_refusal_is_raised(linkedin: Mocked) -> None:
    """A token that is revoked, a quota that is used up, a server that is down."""
    linkedin.linkedin.get(f"{REST}/images", status_code=401, json={"status": 401})
    lookups = Lookups(linkedin.run.client)
    with pytest.raises(RequestFailedError):
        lookups.get_batch("images", ["1", "2"], "posts")
    assert not lookups.one_by_one("images")


def test_what_is_known_of_batches_can_be_told(linkedin: Mocked) -> None:
    """By an earlier run."""
    batches(linkedin)
    lookups = Lookups(linkedin.run.client, has_batches=False)
    assert by(lookups.get_many("images", ["1", "2"], "posts")) == {"1": "get", "2": "get"}


# Keys that come one after the other


class Asked:
    """Answers keys, and remembers how it was asked."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.batches: list[list[str]] = []
        self._refuses = refuses

    def __call__(self, keys: list[str]) -> dict[str, str] | None:
        """Answer some keys."""
        self.batches.append(keys)
        return None if self._refuses else {key: key.upper() for key in keys}


def test_keys_are_asked_for_as_soon_as_fifty_are_waiting() -> None:
    """Or when one of them is taken."""
    asked = Asked()
    batcher = Batcher(asked, Workers(1))
    keys = [f"k{number}" for number in range(52)]
    for key in keys:
        batcher.want(key)
    batcher.settle()
    assert asked.batches == [keys[:50]]
    assert batcher.is_there("k0")
    assert not batcher.is_there("k51")
    assert (batcher.take("k0") or {})["k0"] == "K0"
    assert len(asked.batches) == 1
    assert (batcher.take("k51") or {})["k51"] == "K51"
    assert asked.batches == [keys[:50], keys[50:]]


def test_a_key_is_asked_for_once_while_somebody_wants_it() -> None:
    """And again when nobody has wanted it for a while."""
    asked = Asked()
    batcher = Batcher(asked, Workers(1))
    for _ in range(3):
        batcher.want("a")
    batcher.want("b")
    batcher.take("a")
    batcher.drop("a")
    assert batcher.is_wanted("a")
    assert batcher.is_there("a")
    assert (batcher.take("a") or {})["a"] == "A"
    assert not batcher.is_wanted("a")
    assert not batcher.is_there("a")
    assert asked.batches == [["a", "b"]]
    batcher.want("a")
    batcher.take("a")
    assert asked.batches == [["a", "b"], ["a"]]


def test_a_key_that_nobody_wants_any_more_is_not_asked_for() -> None:
    """It is dropped before it is sent."""
    asked = Asked()
    batcher = Batcher(asked, Workers(1))
    batcher.want("a")
    batcher.want("b")
    batcher.drop("a")
    batcher.send()
    batcher.send()
    batcher.settle()
    assert asked.batches == [["b"]]


def test_a_refused_batch_has_no_answers() -> None:
    """Whoever wants them asks otherwise."""
    batcher = Batcher(Asked(refuses=True), Workers(1))
    batcher.want("a")
    assert batcher.take("a") is None
