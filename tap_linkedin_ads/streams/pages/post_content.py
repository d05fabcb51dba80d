"""What a post holds: its content type, its columns and the objects inside it. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.api.epoch import instant
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.records.paths import Column, at
from tap_linkedin_ads.records.values import (
    Misplaced,
    UnreadableValueError,
    exact_integer,
    found_at,
    shown,
)
from tap_linkedin_ads.streams.pages import little_text

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.records.entity import Record, UnreadableValue

STATISTICS = "organizationalEntityShareStatistics"
ANY_MEDIA = "media"
"""In a schema: whichever resource the URN names."""
MEDIA_RESOURCES = {"image": "images", "video": "videos", "document": "documents"}
_MEDIA_TYPES = {"image": "media_image", "video": "media_video"}
_TYPES = {
    "poll": "poll",
    "multiImage": "multi_image",
    "article": "article",
    "carousel": "carousel",
    "job": "job",
    "liveVideo": "liveVideo",
    "event": "event",
}
_REFERENCES = frozenset({"job", "liveVideo", "event"})


@dataclass(slots=True)
class Post:
    """A post on its way to its records.

    Attributes:
        wire: The post as LinkedIn sends it.
        organization: The page that published it; None for a person, or where nobody knows.
        position: Its place in LinkedIn's list, from 0.
        modified_before: When the post before it in the list was last modified, in milliseconds.
        media: Images, videos and documents by URN, as far as they are known.
        statistics: Its share statistics, None where LinkedIn has none.
        is_readable: Whether LinkedIn gives it; else nothing but its URN is known.
    """

    wire: Wire
    organization: int | None
    position: int = 0
    modified_before: int = 0
    media: dict[str, Mapping[str, t.Any]] = field(default_factory=dict)
    statistics: Mapping[str, t.Any] | None = None
    is_readable: bool = True

    @property
    def urn(self) -> str:
        """Return ``urn:li:share:{id}`` or ``urn:li:ugcPost:{id}``."""
        return str(self.wire["id"])

    @property
    def own_modified(self) -> int | None:
        """Return when it was last modified, in milliseconds; None where LinkedIn does not say."""
        modified = self.wire.get("lastModifiedAt")
        return milliseconds(modified or self.wire.get("createdAt") or 0)

    @property
    def modified(self) -> int:
        """Return when it was last modified, else when the post before it in the list was."""
        own = self.own_modified
        return self.modified_before if own is None else own

    @property
    def published(self) -> int | None:
        """Return when it was published, in milliseconds; None for a draft."""
        return milliseconds(self.wire.get("publishedAt"))


def milliseconds(value: object) -> int | None:
    """Return an instant in milliseconds, None where it is none that a column could hold."""
    try:
        found = None if value is None else exact_integer(value)
        if found is not None:
            instant(found)
    except (ValueError, OverflowError):
        return None
    return found


def entity_type(value: object) -> str:
    """Return the type in a URN: ``urn:li:image:X`` gives ``image``."""
    parts = value.split(":") if isinstance(value, str) else []
    return parts[2] if len(parts) > 3 else ""  # noqa: PLR2004


def content_type(wire: Mapping[str, t.Any]) -> str:
    """Return what a post holds beside its text.

    LinkedIn sends a union with one key. Events, live videos and jobs come as ``reference``, and
    perhaps under keys of their own; a repost without content is text.
    """
    content = wire.get("content")
    if not isinstance(content, Mapping) or not content:
        return "text"
    if "media" in content:
        return _MEDIA_TYPES.get(entity_type(at(content, "media.id")), "media_other")
    if "reference" in content:
        kind = entity_type(at(content, "reference.id"))
        return kind if kind in _REFERENCES else "unknown"
    return next((kind for key, kind in _TYPES.items() if key in content), "unknown")


def media_resource(medium: object) -> str:
    """Return the resource that knows a medium's URN, empty where none does."""
    return MEDIA_RESOURCES.get(entity_type(medium), "")


def referenced_media(
    wire: Mapping[str, t.Any], columns: Iterable[Column]
) -> Iterator[tuple[str, str]]:
    """Yield the media that columns are about, as resource and URN.

    Args:
        wire: The object that names them: a post, a card or an image.
        columns: The columns to be filled.
    """
    for column in columns:
        if not column.resource or not column.key:
            continue
        medium = at(wire, column.key)
        resource = media_resource(medium)
        if resource and column.resource in {resource, ANY_MEDIA}:
            yield resource, str(medium)


def post_columns(
    post: Post, columns: Iterable[Column], unreadable: list[UnreadableValue]
) -> Iterator[tuple[str, t.Any]]:
    """Yield the columns of a post that its schema derives from LinkedIn's objects."""
    for column in columns:
        if column.resource == STATISTICS:
            yield column.name, column.value(post.statistics, unreadable)
        else:
            yield column.name, inner_value(post, post.wire, column, unreadable)


def inner_value(
    post: Post, wire: Mapping[str, t.Any], column: Column, unreadable: list[UnreadableValue]
) -> t.Any:  # noqa: ANN401
    """Return a column's value from an object inside a post, or from the medium it names."""
    if not column.key:
        return column.value(wire, unreadable)
    medium = at(wire, column.key)
    if not column.resource:
        is_about = entity_type(medium) in column.entities
        return column.value(wire, unreadable) if is_about else None
    if column.resource not in {media_resource(medium), ANY_MEDIA}:
        return None
    return column.value(post.media.get(str(medium)), unreadable)


def identity(post: Post) -> Record:
    """Return the columns that a post shares with its children."""
    page = post.organization
    return {
        "post_urn": post.urn,
        "post_id": urn.number(post.urn),
        "organization_id": page,
        "organization_urn": None if page is None else urn.make("organization", page),
    }


def inner_objects(wire: Mapping[str, t.Any], path: str) -> list[t.Any]:
    """Return the items of a list inside a post, in order: cards, options or images.

    Raises:
        UnreadableValueError: Something else than a list stands there.
    """
    found = found_at(wire, path)
    if isinstance(found, Misplaced) or not isinstance(found, list | None):
        raise UnreadableValueError(
            f"LinkedIn sent {shown(getattr(found, 'value', found))!r} as {path}"
        )
    return found or []


def commentary(wire: Mapping[str, t.Any]) -> str:
    """Return a post's little text, empty where it has none."""
    text = wire.get("commentary")
    return text if isinstance(text, str) else ""


def readable(wire: Mapping[str, t.Any]) -> str | None:
    """Return a post's text for reading, None where LinkedIn sent no text."""
    return (
        None if not isinstance(wire.get("commentary"), str) else little_text.plain(commentary(wire))
    )


def selected(schema: Mapping[str, t.Any], wanted: Iterable[str]) -> tuple[Column, ...]:
    """Return the wanted columns of a stream about posts."""
    return paths.declared(schema, frozenset(wanted))
