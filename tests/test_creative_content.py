from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world import wire
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.streams.ads.creative_content import COLUMNS, columns, of_post, post_of

LOGO = "urn:li:image:C4E10AQ1"
CASES: list[tuple[str, dict[str, t.Any], dict[str, t.Any]]] = [
    (
        "a text ad",
        {
            "content": {
                "textAd": {
                    "headline": "Cut audit time",
                    "description": "Free checklist",
                    "landingPage": "https://example.com/?utm_source=linkedin",
                    "image": LOGO,
                }
            }
        },
        {
            "content_type": "text_ad",
            "creative_name": "Cut audit time",
            "headline": "Cut audit time",
            "description": "Free checklist",
            "landing_page": "https://example.com/?utm_source=linkedin",
            "image_urn": LOGO,
        },
    ),
    (
        "a spotlight ad with a name",
        {
            "name": "Spring",
            "content": {
                "spotlight": {
                    "headline": "Hello",
                    "description": "See the plant",
                    "callToAction": "LEARN_MORE",
                    "landingPage": "https://example.com/lp",
                    "logo": LOGO,
                    "backgroundImage": "urn:li:image:C4E10AQ2",
                }
            },
        },
        {
            "content_type": "spotlight",
            "creative_name": "Spring",
            "headline": "Hello",
            "description": "See the plant",
            "call_to_action": "LEARN_MORE",
            "landing_page": "https://example.com/lp",
            "image_urn": LOGO,
        },
    ),
    (
        "a follower ad with a text of the advertiser's and one of LinkedIn's",
        {
            "content": {
                "follow": {
                    "headline": {"custom": "Follow us", "preApproved": "GET_NEWS"},
                    "description": {"preApproved": "COMPANY_POST_DETAILED"},
                    "callToAction": "VISIT_COMPANY",
                }
            }
        },
        {
            "content_type": "follow",
            "headline": "Follow us",
            "description": "COMPANY_POST_DETAILED",
            "call_to_action": "VISIT_COMPANY",
        },
    ),
    (
        "a jobs ad",
        {
            "content": {
                "jobs": {
                    "headline": {"preApproved": "FIND_JOBS"},
                    "buttonLabel": {"preApproved": "APPLY_NOW"},
                }
            }
        },
        {"content_type": "jobs", "headline": "FIND_JOBS", "call_to_action": "APPLY_NOW"},
    ),
    (
        "a post with a lead form",
        {
            "content": {"reference": "urn:li:share:7"},
            "leadgenCallToAction": {"destination": "urn:li:adForm:1", "label": "DOWNLOAD"},
        },
        {"content_type": "post", "call_to_action": "DOWNLOAD"},
    ),
    ("a video post", {"content": {"reference": "urn:li:ugcPost:7"}}, {"content_type": "post"}),
    (
        "a message",
        {"content": {"reference": "urn:li:adInMailContent:7"}},
        {"content_type": "message"},
    ),
    (
        "a conversation",
        {"content": {"reference": "urn:li:sponsoredConversation:7"}},
        {"content_type": "conversation"},
    ),
    ("a job", {"content": {"reference": "urn:li:job:7"}}, {"content_type": "jobs"}),
    (
        "a jobs ad with a logo",
        {"content": {"jobs": {"headline": {"custom": "Join"}, "logo": LOGO}}},
        {"content_type": "jobs", "headline": "Join", "image_urn": LOGO},
    ),
    (
        "a spotlight ad with a background only",
        {"content": {"spotlight": {"headline": "Hello", "backgroundImage": LOGO}}},
        {"content_type": "spotlight", "headline": "Hello", "image_urn": LOGO},
    ),
    ("an event post", {"content": {"reference": "urn:li:event:7"}}, {"content_type": "event"}),
    (
        "an event ad",
        {"content": {"eventAd": {"event": "urn:li:event:7"}}},
        {"content_type": "event"},
    ),
    ("a document", {"content": {"documentAd": {"document": "x"}}}, {"content_type": "document"}),
    (
        "a kind to come",
        {"content": {"holoAd": {"title": "Wow"}}},
        {"content_type": "holo_ad", "headline": "Wow"},
    ),
    (
        "a reference to come",
        {"content": {"reference": "urn:li:holo:7"}},
        {"content_type": "reference"},
    ),
    ("no content", {"name": "Draft"}, {"creative_name": "Draft"}),
    ("an empty content", {"content": {}}, {}),
]


@pytest.mark.parametrize(
    ("creative", "shown"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_what_an_ad_shows(creative: dict[str, t.Any], shown: dict[str, t.Any]) -> None:
    """Each kind has its own names inside; what it does not have is null."""
    assert columns(creative) == dict.fromkeys(COLUMNS) | shown


@pytest.mark.parametrize("kind", wire.CONTENT)
def test_every_kind_has_a_type(kind: str) -> None:
    """Every kind of content that the sandbox knows is told from the others by a documented word."""
    words = schema.read("creatives")["properties"]["content_type"]["description"]
    found = columns({"content": wire.CONTENT[kind](1)})["content_type"]
    assert found is not None
    assert found in words


LINK = "https://example.com/?utm_source=linkedin"
POSTS: list[tuple[str, dict[str, t.Any], dict[str, t.Any]]] = [
    (
        "an image",
        {
            "commentary": "Look",
            "content": {"media": {"id": LOGO, "title": "Wow"}},
            "contentLandingPage": LINK,
            "adContext": {"dscName": "Spring"},
        },
        {
            "headline": "Wow",
            "commentary": "Look",
            "landing_page": LINK,
            "creative_name": "Spring",
        },
    ),
    (
        "an article",
        {"content": {"article": {"title": "Guide", "source": LINK}}},
        {"headline": "Guide", "landing_page": LINK},
    ),
    (
        "a carousel",
        {"content": {"carousel": {"cards": [{"landingPage": LINK, "media": {"title": "One"}}]}}},
        {"headline": "One", "landing_page": LINK},
    ),
    ("text alone", {"commentary": ""}, {"commentary": ""}),
    ("odd values", {"content": [], "adContext": 7}, {}),
    ("an empty carousel", {"content": {"carousel": {"cards": []}}}, {}),
]


@pytest.mark.parametrize(
    ("post", "shown"), [case[1:] for case in POSTS], ids=[case[0] for case in POSTS]
)
def test_what_an_ad_shows_of_its_post(post: dict[str, t.Any], shown: dict[str, t.Any]) -> None:
    """Headline, text, landing page and name, wherever the kind of post has them."""
    columns = ("headline", "commentary", "landing_page", "creative_name")
    assert of_post(post) == dict.fromkeys(columns) | shown


@pytest.mark.parametrize(
    ("reference", "is_post"),
    [
        ("urn:li:share:7", True),
        ("urn:li:ugcPost:7", True),
        ("urn:li:adInMailContent:7", False),
        ("urn:li:event:7", False),
        (7, False),
        (None, False),
    ],
)
def test_which_creatives_show_a_post(reference: object, is_post: bool) -> None:  # noqa: FBT001
    """Those that refer to a share or ugcPost: other references do not resolve through posts."""
    assert post_of({"content": {"reference": reference}}) == (reference if is_post else "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["reference", "textAd", "headline", "image", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_content_of_any_shape_is_read(content: object) -> None:
    """Whatever LinkedIn sends, there is a value or null for each column."""
    assert columns({"content": content}).keys() == set(COLUMNS)
    assert post_of({"content": content}) == ""
    assert of_post({"content": content}).keys() == of_post({}).keys()
