"""Every kind of post that LinkedIn documents, and commentary with everything it may hold."""

# ruff: noqa: RUF001 - a full-width number sign starts a hashtag too

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Wire = dict[str, Any]

COMMENTARIES: tuple[str, ...] = (
    # Template hashtags, mentions of a person and of an organization, escapes.
    (
        "Hoje abrimos 12 vagas \\(Joinville\\) - venha! {hashtag|\\#|vagas} "
        "{hashtag|\\#|zürichoberland} com @[Ana Souza](urn:li:person:Hx3\\_k9PqLm) e "
        "@[Northlight Garden](urn:li:organization:9087653)"
    ),
    # Plain hashtags; an escaped one is text; an escaped at sign is no mention.
    "Plain #tag and #Größe, but \\#nottag and mail contact\\@page.example \\| 100\\% \\*bold\\*",
    "",
    "北極光ラボ {hashtag|＃|日本語タグ} 🚀 e\u0301 \u200b end",
    "Twice {hashtag|\\#|same} and {hashtag|\\#|same} and #same",
    "Names @[O\\(pen\\) \\[Inc\\]](urn:li:organization:1035) @[](urn:li:person:aB1cD) # alone",
    "Line one\nLine two\t{hashtag|\\#|new\\_line}\r\n@not a mention \\\\ backslash",
)


def _image(number: int, place: int = 0) -> str:
    return f"urn:li:image:D4D22AQ{number:06d}x{place}"


def media_image(number: int) -> Wire:
    """Return a single image."""
    return {"media": {"id": _image(number), "title": f"Linha {number}", "altText": "furadeira"}}


def media_video(number: int) -> Wire:
    """Return a video; the second of two has no title."""
    medium: Wire = {"id": f"urn:li:video:D4D05AQ{number:06d}"}
    if number % 2:
        medium["title"] = "Por dentro da fábrica"
    return {"media": medium}


def document(number: int) -> Wire:
    """Return a document."""
    return {"media": {"id": f"urn:li:document:D4D1FAQ{number:06d}", "title": "Catalogo.pdf"}}


def article(number: int) -> Wire:
    """Return an article with a thumbnail."""
    return {
        "article": {
            "source": f"https://page.example/blog/{number}?utm_source=li&x=1",
            "title": "Guia do “torque”",
            "description": "Tudo sobre torque.",
            "thumbnail": _image(number, 9),
            "thumbnailAltText": "chave de torque",
        }
    }


def article_minimal(number: int) -> Wire:
    """Return an article with nothing optional."""
    return {"article": {"source": f"https://page.example/{number}", "title": "Northlight"}}


def poll(number: int) -> Wire:
    """Return a poll whose counts the viewer may see."""
    counts = (41 + number % 9, 12, 7)
    return {
        "poll": {
            "question": "Qual ferramenta você mais usa?",
            "options": [
                {"text": text, "voteCount": count, "isVotedByViewer": place == 0}
                for place, (text, count) in enumerate(
                    zip(("Furadeira", "Serra", "Lixadeira"), counts, strict=True)
                )
            ],
            "settings": {
                "duration": "SEVEN_DAYS",
                "voteSelectionType": "SINGLE_VOTE",
                "isVoterVisibleToAuthor": True,
            },
            "uniqueVotersCount": sum(counts),
        }
    }


def poll_hidden(number: int) -> Wire:
    """Return a poll whose counts the viewer may not see."""
    return {
        "poll": {
            "question": "Feira em qual cidade?",
            "options": [
                {"text": "Recife", "isVotedByViewer": False},
                {"text": "Curitiba", "isVotedByViewer": False},
            ],
            "settings": {
                "duration": "THREE_DAYS",
                "voteSelectionType": "MULTIPLE_VOTE",
                "isVoterVisibleToAuthor": False,
            },
            "uniqueVotersCount": number % 40,
        }
    }


def poll_new(number: int) -> Wire:
    """Return a poll of which LinkedIn says only what it asks."""
    texts = ("Sim", "Não", f"Talvez {number}")
    return {"poll": {"question": "Gostou?", "options": [{"text": text} for text in texts]}}


def multi_image(number: int) -> Wire:
    """Return three images, one without a description, and what they show together."""
    images = [
        {"id": _image(number, place), "altText": text}
        for place, text in enumerate(("estande", "", "equipe"))
    ]
    return {"multiImage": {"images": images, "altText": f"Feira {number}"}}


def multi_image_bare(number: int) -> Wire:
    """Return two images without descriptions."""
    return {"multiImage": {"images": [{"id": _image(number, 1)}, {"id": _image(number, 2)}]}}


def carousel(number: int) -> Wire:
    """Return a carousel: an image card and a video card."""
    video = f"urn:li:video:D4D05AQC{number:05d}"
    return {
        "carousel": {
            "id": f"urn:li:carousel:{7450000000000900000 + number}",
            "cards": [
                {
                    "landingPage": "https://page.example/p/1",
                    "media": {"id": _image(number, 1), "title": "Furadeira 18V", "altText": "f"},
                },
                {"landingPage": "https://page.example/p/2", "media": {"id": video}},
                {"media": {"id": _image(number, 3), "title": "Serra 20V"}},
            ],
        }
    }


def _reference(kind: str) -> Callable[[int], Wire]:
    def build(number: int) -> Wire:
        return {"reference": {"id": f"urn:li:{kind}:{7449000000000000000 + number}"}}

    return build


def celebration(number: int) -> Wire:
    """Return a celebration."""
    return {
        "celebration": {
            "recipients": ["urn:li:person:Hx3_k9PqLm"],
            "taggedEntities": [],
            "type": "CELEBRATE_WELCOME",
            "text": "Bem-vinda!",
            "media": f"urn:li:celebrationTemplate:{number % 20}",
        }
    }


def celebration_with_image(number: int) -> Wire:
    """Return a celebration with an image of its own and organizations that it names."""
    return {
        "celebration": {
            "recipients": ["urn:li:person:Hx3_k9PqLm", "urn:li:person:aB1cD"],
            "taggedEntities": [{"entity": "urn:li:organization:1035"}],
            "type": "CELEBRATE_ANNIVERSARY",
            "text": "Dez anos!",
            "media": {"id": _image(number, 8), "title": "Bolo", "altText": "bolo com velas"},
        }
    }


def _direct(kind: str) -> Callable[[int], Wire]:
    def build(number: int) -> Wire:
        return {kind: {"id": f"urn:li:{kind}:{7449000000000000000 + number}"}}

    return build


#: Kind -> (share or ugcPost, content, changed fields).
_AD: Wire = {
    "isDsc": True,
    "dscStatus": "ACTIVE",
    "dscAdAccount": "urn:li:sponsoredAccount:512340001",
}
_DARK: Wire = {"distribution": {"feedDistribution": "NONE", "thirdPartyDistributionChannels": []}}
_TARGETED: Wire = {
    "distribution": {
        "feedDistribution": "MAIN_FEED",
        "thirdPartyDistributionChannels": ["TWITTER"],
        "targetEntities": [
            {
                "geoLocations": ["urn:li:geo:103644278", "urn:li:geo:101282230"],
                "seniorities": ["urn:li:seniority:3", "urn:li:seniority:99"],
                "staffCountRanges": ["urn:li:staffCountRange:(51,200)"],
                "interfaceLocales": ["urn:li:locale:pt_BR"],
            },
            {"industries": ["urn:li:industry:53"], "jobFunctions": ["urn:li:function:4"]},
        ],
    }
}
_IN_A_GROUP: Wire = {
    "visibility": "CONTAINER",
    "container": "urn:li:group:8765432",
    "origin": "SCHEDULED",
    "isReshareDisabledByAuthor": True,
}
KINDS: dict[str, tuple[str, Callable[[int], Wire | None], Wire]] = {
    "text": ("share", lambda _: None, {}),
    "text_empty_content": (
        "share",
        lambda _: {},
        {"lifecycleStateInfo": {"isEditedByAuthor": True}},
    ),
    "media_image": ("share", media_image, {}),
    "media_video": ("ugcPost", media_video, {}),
    "document": ("ugcPost", document, {}),
    "article": ("share", article, {}),
    "article_minimal": ("share", article_minimal, {"visibility": "LOGGED_IN"}),
    "poll": ("ugcPost", poll, {}),
    "poll_hidden": ("ugcPost", poll_hidden, {}),
    "multi_image": ("ugcPost", multi_image, {}),
    "carousel": (
        "share",
        carousel,
        {
            **_DARK,
            "adContext": {**_AD, "dscAdType": "CAROUSEL", "dscName": "Carrossel Q3"},
            "contentCallToActionLabel": "LEARN_MORE",
            "contentLandingPage": "https://page.example/promo",
        },
    ),
    "event": ("ugcPost", _reference("event"), {}),
    "live_video": ("ugcPost", _reference("liveVideo"), {}),
    "job": ("share", _reference("job"), {"adContext": {**_AD, "dscAdType": "JOB_POSTING"}}),
    "direct_event": ("ugcPost", _direct("event"), {}),
    "celebration": ("share", celebration, {}),
    "unknown_type": ("share", lambda _: {"brandNewContent": {"id": "urn:li:novelty:1"}}, {}),
    "reshare": (
        "share",
        lambda _: None,
        {
            "reshareContext": {
                "parent": "urn:li:share:7440000000000000042",
                "root": "urn:li:ugcPost:7439000000000000041",
            }
        },
    ),
    "dark_video": ("share", media_video, {**_DARK, "adContext": {**_AD, "dscAdType": "VIDEO"}}),
    "draft": ("share", lambda _: None, {"lifecycleState": "DRAFT", "publishedAt": None}),
    "publish_failed": (
        "ugcPost",
        media_video,
        {
            "lifecycleState": "PUBLISH_FAILED",
            "publishedAt": None,
            "lifecycleStateInfo": {"isEditedByAuthor": False, "contentStatus": "FAILED"},
        },
    ),
    "direct_live_video": ("ugcPost", _direct("liveVideo"), {}),
    "direct_job": ("share", _direct("job"), {}),
    "celebration_with_image": ("share", celebration_with_image, {}),
    "targeted": ("share", lambda _: None, _TARGETED),
    "in_a_group": ("ugcPost", document, _IN_A_GROUP),
    "poll_new": ("ugcPost", poll_new, {}),
    "multi_image_bare": ("ugcPost", multi_image_bare, {}),
    "in_review": (
        "ugcPost",
        media_video,
        {
            "lifecycleStateInfo": {
                "isEditedByAuthor": False,
                "contentStatus": "READY",
                "reviewStatus": "PENDING",
            }
        },
    ),
    "dark_document": (
        "ugcPost",
        document,
        {**_DARK, "adContext": {**_AD, "dscAdType": "NATIVE_DOCUMENT", "dscStatus": "ARCHIVED"}},
    ),
}
