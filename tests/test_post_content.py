# ruff: noqa: ANN401 - JSON and settings may hold anything

from __future__ import annotations

import typing as t

import pytest

from tap_linkedin_ads.records import schema
from tap_linkedin_ads.streams.pages import post_content
from tap_linkedin_ads.streams.pages.post_content import Post, content_type

URN = "urn:li:share:7450000000000000001"
IMAGE = {"media": {"id": "urn:li:image:D4", "title": "Line", "altText": "yellow"}}
VIDEO = {"media": {"id": "urn:li:video:D5"}}
DOCUMENT = {"media": {"id": "urn:li:document:D1", "title": "Catalogue.pdf"}}
ARTICLE = {"article": {"source": "https://a.example", "title": "A", "thumbnail": "urn:li:image:T"}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "text"),
        ({}, "text"),
        (IMAGE, "media_image"),
        (VIDEO, "media_video"),
        (DOCUMENT, "media_other"),
        ({"media": {}}, "media_other"),
        (ARTICLE, "article"),
        ({"poll": {"question": "?", "options": []}}, "poll"),
        ({"multiImage": {"images": []}}, "multi_image"),
        ({"carousel": {"cards": []}}, "carousel"),
        ({"reference": {"id": "urn:li:event:1"}}, "event"),
        ({"reference": {"id": "urn:li:liveVideo:1"}}, "liveVideo"),
        ({"reference": {"id": "urn:li:job:1"}}, "job"),
        ({"reference": {"id": "urn:li:course:1"}}, "unknown"),
        ({"reference": {}}, "unknown"),
        ({"job": {}}, "job"),
        ({"liveVideo": {}}, "liveVideo"),
        ({"event": {}}, "event"),
        ({"celebration": {"type": "CELEBRATE_WELCOME"}}, "unknown"),
        ("odd", "text"),
    ],
)
def test_content_type(content: t.Any, expected: str) -> None:
    """A post's content type follows from the one key of its content."""
    wire = {"id": URN} if content is None else {"id": URN, "content": content}
    assert content_type(wire) == expected


def test_repost_without_content_is_text() -> None:
    """A repost that adds nothing but words is a text."""
    assert content_type({"id": URN, "reshareContext": {"parent": URN}}) == "text"


def test_media_columns_follow_the_type() -> None:
    """Only images fill image columns, only videos video columns; documents have their own."""
    image = columns(IMAGE, {"urn:li:image:D4": {"status": "AVAILABLE", "downloadUrl": "https://i"}})
    assert image["content_media_id"] == "urn:li:image:D4"
    assert image["content_media_title"] == "Line"
    assert image["content_media_image_download_url"] == "https://i"
    assert image["content_media_video_status"] is None
    video = columns(VIDEO, {"urn:li:video:D5": {"status": "FORBIDDEN"}})
    assert video["content_media_video_status"] == "FORBIDDEN"
    assert video["content_media_video_download_url"] is None
    assert video["content_media_image_status"] is None
    document = columns(DOCUMENT, {})
    assert document["content_media_id"] is None
    assert document["content_media_title"] is None
    assert document["content_media_document_id"] == "urn:li:document:D1"
    assert document["content_media_document_title"] == "Catalogue.pdf"
    assert image["content_media_document_id"] is image["content_media_document_title"] is None


@pytest.mark.parametrize("kind", ["event", "liveVideo", "job"])
def test_reference_may_have_a_key_of_its_own(kind: str) -> None:
    """Events, live videos and jobs fill one column, whichever key LinkedIn sends them under."""
    named = {"id": f"urn:li:{kind}:1"}
    for content in ({"reference": named}, {kind: named}):
        assert columns(content, {})["content_reference_id"] == named["id"]


@pytest.mark.parametrize("content", [{"brandNew": {"id": 1}}, {}, IMAGE])
def test_raw_content_holds_what_no_column_has(content: t.Any) -> None:
    """Content arrives as LinkedIn sends it, of kinds that nobody documents, too."""
    assert columns(content, {})["content"] == content


def test_celebration_shows_a_template_or_an_image() -> None:
    """The medium of a celebration comes as a URN or as an object; neither costs a value."""
    for medium, text in (("urn:li:celebrationTemplate:1", None), (IMAGE["media"], "yellow")):
        found = columns({"celebration": {"media": medium}}, {})
        urn = medium if isinstance(medium, str) else medium["id"]
        assert found["content_celebration_media_id"] == urn
        assert found["content_celebration_media_alt_text"] == text


def test_poll_spellings_of_vote_visibility() -> None:
    """LinkedIn's isVoterVisibleToAuthor and the older spelling fill the same column."""
    name = "content_poll_settings_is_vote_visible_to_author"
    for spelling in ("isVoterVisibleToAuthor", "isVoteVisibleToAuthor"):
        assert columns({"poll": {"settings": {spelling: False}}}, {})[name] is False
    assert columns({"poll": {"settings": {}}}, {})[name] is None


def test_media_are_named_with_their_resource() -> None:
    """Selected columns decide which media are looked up."""
    wanted = post_content.selected(
        schema.read("posts"),
        ["content_media_image_status", "content_article_thumbnail_download_url", "commentary"],
    )
    assert media({"content": IMAGE}, wanted) == {("images", "urn:li:image:D4")}
    assert media({"content": ARTICLE}, wanted) == {("images", "urn:li:image:T")}
    assert media({"content": VIDEO}, wanted) == set()
    assert media({"content": DOCUMENT}, wanted) == set()
    assert media({}, wanted) == set()


def test_card_may_show_any_medium() -> None:
    """A carousel card's address comes from an image, a video or a document."""
    wanted = post_content.selected(schema.read("post_carousel_cards"), ["media_download_url"])
    for kind, resource in post_content.MEDIA_RESOURCES.items():
        card = {"media": {"id": f"urn:li:{kind}:X"}}
        assert media(card, wanted) == {(resource, f"urn:li:{kind}:X")}
    assert media({"media": {"id": "urn:li:celebrationTemplate:1"}}, wanted) == set()


def media(wire: dict[str, t.Any], wanted: t.Any) -> set[tuple[str, str]]:
    """Return the media that columns are about."""
    return set(post_content.referenced_media(wire, wanted))


def columns(content: t.Any, known: dict[str, dict[str, t.Any]]) -> dict[str, t.Any]:
    """Return all columns that are read from a post with this content."""
    published = schema.read("posts")
    post = Post({"id": URN, "content": content}, 1, media={**known})
    wanted = post_content.selected(published, published["properties"])
    unreadable: list[t.Any] = []
    found = dict(post_content.post_columns(post, wanted, unreadable))
    assert not unreadable
    return found
