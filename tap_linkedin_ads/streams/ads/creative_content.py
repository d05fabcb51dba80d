"""What an ad shows, whatever kind of content it is. Pure.

A creative's ``content`` has one key that names its kind (LI-33). Names inside it differ between
kinds, and only those of text ads are documented in full, so every known spelling is read.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records.entity import snake_case
from tap_linkedin_ads.records.paths import at
from tap_linkedin_ads.records.values import TEXT, fitting_or_none

_REFERENCES = {
    "share": "post",
    "ugcPost": "post",
    "adInMailContent": "message",
    "sponsoredConversation": "conversation",
    "event": "event",
    "job": "jobs",
}
_KINDS = {"eventAd": "event", "documentAd": "document"}
_NAMES = {
    "headline": ("headline", "title"),
    "description": ("description",),
    "call_to_action": ("callToAction", "callToActionLabel", "buttonLabel"),
    "landing_page": ("landingPage", "landingPageUrl"),
    "image_urn": ("image", "logo", "backgroundImage"),
}
COLUMNS = ("content_type", "creative_name", *_NAMES)
"""The columns that are worked out here."""


def content_type(content: object) -> str | None:
    """Return the kind of an ad: ``text_ad``, ``post``, ``message`` and so on; None without content.

    A kind that is not known to this release is LinkedIn's own name in snake case.
    """
    if not isinstance(content, Mapping) or not content:
        return None
    kind = next(iter(content))
    if kind == "reference":
        return _REFERENCES.get(urn.kind(str(content[kind])), "reference")
    return _KINDS.get(kind) or snake_case(str(kind))


def columns(creative: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what a creative shows, by column; null where its kind has no such part.

    Args:
        creative: The creative as LinkedIn sends it.

    Returns:
        The columns of ``COLUMNS``. A text that the advertiser wrote comes before one that
        LinkedIn offers ready-made; the button is the lead form's where the content has none.
    """
    content = creative.get("content")
    kind = content_type(content)
    ad = next(iter(content.values())) if isinstance(content, Mapping) and content else None
    parts: Mapping[str, t.Any] = ad if isinstance(ad, Mapping) else {}
    shown = {column: _first(parts, names) for column, names in _NAMES.items()}
    button = creative.get("leadgenCallToAction")
    if shown["call_to_action"] is None and isinstance(button, Mapping):
        shown["call_to_action"] = button.get("label")
    name = creative.get("name")
    if name is None and kind == "text_ad":
        name = shown["headline"]
    return {"content_type": kind, "creative_name": name, **shown}


def post_of(creative: Mapping[str, t.Any]) -> str:
    """Return the URN of the post that a creative shows, empty where it shows none."""
    reference = at(creative, "content.reference")
    is_post = isinstance(reference, str) and _REFERENCES.get(urn.kind(reference)) == "post"
    return reference if is_post else ""


def of_post(post: Mapping[str, t.Any]) -> dict[str, str | None]:
    """Return what a creative shows of its post, by column.

    Args:
        post: The post as LinkedIn sends it.

    Returns:
        Texts, None for what the post does not have. A carousel shows its first card.
    """
    cards = at(post, "content.carousel.cards")
    card = cards[0] if isinstance(cards, list) and cards else None
    return {
        "headline": _text(
            at(post, "content.media.title"),
            at(post, "content.article.title"),
            at(card, "media.title"),
        ),
        "commentary": _text(post.get("commentary")),
        "landing_page": _text(
            post.get("contentLandingPage"),
            at(post, "content.article.source"),
            at(card, "landingPage"),
        ),
        "creative_name": _text(at(post, "adContext.dscName")),
    }


def _text(*candidates: object) -> str | None:
    """Return the first text of several, None where there is none."""
    texts = (fitting_or_none(candidate, TEXT) for candidate in candidates)
    return next((text for text in texts if text is not None), None)


def _first(parts: Mapping[str, t.Any], names: tuple[str, ...]) -> t.Any:  # noqa: ANN401
    """Return the first of several parts that is there, as text where it has two forms."""
    for name in names:
        value = parts.get(name)
        if isinstance(value, Mapping):
            value = value.get("custom") or value.get("preApproved")
        if value is not None:
            return value
    return None
