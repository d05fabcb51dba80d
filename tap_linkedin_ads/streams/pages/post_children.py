"""What lies inside posts: hashtags, mentions, poll options, cards and images."""

from __future__ import annotations

import contextlib
import functools
import typing as t
from collections.abc import Mapping

from typing_extensions import override

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.records.values import UnreadableValueError, shown
from tap_linkedin_ads.streams.pages import little_text, post_content
from tap_linkedin_ads.streams.pages.posts import PostChild, Posts

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk import Stream
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.records.paths import Column


class InPost(PostChild):
    """Rows inside one post."""

    parent_stream_type: type[Stream] | None = Posts

    @override
    def records_of(
        self, owner: int, source: post_content.Post, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        directory = post_content.identity(source)
        modified = source.own_modified
        directory["post_last_modified_at"] = None if modified is None else epoch.instant(modified)
        for own in self.rows(owner, source, unreadable):
            yield {**directory, **own}

    def rows(
        self, owner: int, post: post_content.Post, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        """Yield the columns that are this stream's own."""
        raise NotImplementedError


class PostHashtags(InPost):
    """Distinct hashtags of each post."""

    name = "post_hashtags"
    primary_keys = ("post_urn", "hashtag")

    @override
    def rows(
        self, owner: int, post: post_content.Post, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        for hashtag in little_text.hashtags(post_content.commentary(post.wire)):
            yield {"hashtag": hashtag}


class PostMentions(InPost):
    """People and organizations that each post names."""

    name = "post_mentions"
    primary_keys = ("post_urn", "position")

    @override
    def rows(
        self, owner: int, post: post_content.Post, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        found = little_text.mentions(post_content.commentary(post.wire))
        for position, mention in enumerate(found, start=1):
            yield {
                "position": position,
                "fallback_text": mention.fallback_text,
                "target_urn": mention.target_urn,
            }


class _ListInPost(InPost):
    """Rows from a list inside a post, numbered from 1."""

    primary_keys = ("post_urn", "position")
    path: t.ClassVar[str]

    @functools.cached_property
    def media_columns(self) -> tuple[Column, ...]:
        """Return the selected columns that a medium gives."""
        return tuple(column for column in self._declared if column.key)

    @functools.cached_property
    def _declared(self) -> tuple[Column, ...]:
        return post_content.selected(schema.read(self.name), self.columns)

    @override
    def media_of(self, source: post_content.Post) -> Iterator[tuple[str, str]]:
        with contextlib.suppress(UnreadableValueError):  # said where the rows are written
            for item in post_content.inner_objects(source.wire, self.path):
                yield from post_content.referenced_media(item, self.media_columns)

    @override
    def rows(
        self, owner: int, post: post_content.Post, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        items = post_content.inner_objects(post.wire, self.path)
        for position, item in enumerate(items, start=1):
            if not isinstance(item, Mapping):
                key = {"post_urn": post.urn, "position": position}
                self.set_aside(owner, f"LinkedIn sent {shown(item)!r}", key)
                continue
            columns = {
                column.name: post_content.inner_value(post, item, column, unreadable)
                for column in self._declared
            }
            yield {"position": position, **columns}


class PostPollOptions(_ListInPost):
    """Options of each post's poll."""

    name = "post_poll_options"
    path = "content.poll.options"


class PostCarouselCards(_ListInPost):
    """Cards of each post's carousel."""

    name = "post_carousel_cards"
    path = "content.carousel.cards"


class PostMultiImages(_ListInPost):
    """Images of each post with several."""

    name = "post_multi_images"
    path = "content.multiImage.images"
