"""What a stream shows of posts: its selected columns, and the media and names that they take."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.records import schema
from tap_linkedin_ads.streams.pages import post_audience, post_content

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
    from tap_linkedin_ads.streams.pages.post_content import Post

    MediaOf = Callable[[Post], Iterator[tuple[str, str]]]
    """Tells the media of a post, as resource and URN."""


class PostShape:
    """The records of a stream with one row a post."""

    def __init__(self, stream: LinkedInStream, inside: Sequence[MediaOf]) -> None:
        """Look at what is selected.

        Args:
            stream: The stream; where it is not selected, its children alone need media.
            inside: Tell which media the selected streams inside its posts need.
        """
        self._stream = stream
        self._inside = inside
        self.columns = (
            post_content.selected(schema.read(stream.name), stream.columns)
            if stream.selected
            else ()
        )
        self._media_columns = tuple(column for column in self.columns if column.key)
        self._names_audience = stream.selected and post_audience.NAMES in stream.columns

    def media_of(self, post: Post) -> Iterator[tuple[str, str]]:
        """Yield the media that selected columns of the stream and its children show."""
        yield from post_content.referenced_media(post.wire, self._media_columns)
        for media_of in self._inside:
            yield from media_of(post)

    def look_up_names(self, posts: Sequence[Post]) -> None:
        """Look up the names of audiences where a selected column shows them."""
        if self._names_audience:
            names = self._stream.directory.value_names
            post_audience.look_up(posts, names, self._stream.name)

    def record(self, post: Post, unreadable: list[UnreadableValue], **own: t.Any) -> Record:  # noqa: ANN401
        """Shape one post.

        Args:
            post: The post, with its media.
            unreadable: Takes the values that do not fit their columns.
            **own: Further columns of the stream, or what they hold instead.

        Returns:
            A record with every selected column.
        """
        record: Record = dict.fromkeys(self._stream.columns)
        calculated = {
            **post_content.identity(post),
            "content_type": post_content.content_type(post.wire),
            **own,
        }
        if "commentary_text" in record:
            calculated["commentary_text"] = post_content.readable(post.wire)
        if self._names_audience:
            names = self._stream.directory.value_names
            calculated[post_audience.NAMES] = post_audience.names_of(post.wire, names)
        record.update((name, value) for name, value in calculated.items() if name in record)
        record.update(post_content.post_columns(post, self.columns, unreadable))
        return record
