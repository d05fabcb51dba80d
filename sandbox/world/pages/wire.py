"""Organizations, posts and media in LinkedIn's wire shape; absent optional fields are omitted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sandbox.world.copies import copied

if TYPE_CHECKING:
    from collections.abc import Iterator

Wire = dict[str, Any]

FIRST_POST = 7450000000000000001
MEMBER = "urn:li:person:qZ7xK2mPlB"
_DAY_MS = 86_400_000
_LINK_DAYS = 45
_LOCALES = (("US", "en"), ("DE", "de"), ("BR", "pt"), ("JP", "ja"))


def altered(row: Wire, changes: Wire) -> Wire:
    """Return a row with changes; None removes a field."""
    merged = {**row, **copied(changes)}
    return {name: value for name, value in merged.items() if value is not None}


def organization(number: int, name: str) -> Wire:
    """Return a company page as its administrator sees it."""
    country, language = _LOCALES[number % len(_LOCALES)]
    locale = {"country": country, "language": language}
    asset = f"urn:li:digitalmediaAsset:C4D0BAQ{number}"
    image = {
        "cropped": asset,
        "original": asset,
        "cropInfo": {"x": 0, "y": 0, "width": 0, "height": 0},
    }

    def localized(text: str) -> Wire:
        return {"localized": {f"{language}_{country}": text}, "preferredLocale": dict(locale)}

    website = f"https://page-{number}.example"
    return {
        "id": number,
        "$URN": f"urn:li:organization:{number}",
        "vanityName": f"page-{number}",
        "localizedName": name,
        "name": localized(name),
        "defaultLocale": dict(locale),
        "primaryOrganizationType": "NONE",
        "organizationType": "PRIVATELY_HELD",
        "staffCountRange": "SIZE_51_TO_200",
        "industries": ["urn:li:industry:53"],
        "specialties": [],
        "localizedSpecialties": ["Werkzeuge", "Logística"],
        "alternativeNames": [],
        "groups": [],
        "locations": [
            {
                "locationType": "HEADQUARTERS",
                "localizedDescription": "HQ",
                "description": localized("HQ"),
                "geoLocation": "urn:li:geo:105871508",
                "address": {
                    "line1": f"Rua das Palmeiras {number % 900}",
                    "city": "Joinville",
                    "geographicArea": "SC",
                    "postalCode": "89201000",
                    "country": country,
                },
            }
        ],
        "versionTag": str(2_200_000_000 + number),
        "foundedOn": {"year": 1950 + number % 70},
        "website": localized(website),
        "localizedWebsite": website,
        "description": localized(f"{name}, für alle, die bauen."),
        "localizedDescription": f"{name}, für alle, die bauen.",
        "logoV2": image,
        "coverPhotoV2": copied(image),
        "created": {"actor": MEMBER, "time": 1_523_450_012_345 + number},
        "lastModified": {"actor": MEMBER, "time": 1_777_300_112_233 + number},
    }


#: What organizationsLookup shows of an organization.
LOOKUP_FIELDS = (
    "id",
    "name",
    "localizedName",
    "localizedWebsite",
    "vanityName",
    "logoV2",
    "locations",
    "primaryOrganizationType",
)


def post(urn: str, author: str, commentary: str, instant: int, content: Wire | None) -> Wire:
    """Return a published post.

    Args:
        urn: Its URN.
        author: URN of the organization.
        commentary: Little text.
        instant: Milliseconds of its publication; also its last modification.
        content: Content union; None leaves the key out.

    Returns:
        The wire dict.
    """
    row: Wire = {
        "id": urn,
        "author": author,
        "commentary": commentary,
        "visibility": "PUBLIC",
        "lifecycleState": "PUBLISHED",
        "lifecycleStateInfo": {"isEditedByAuthor": False},
        "createdAt": instant - 902,
        "publishedAt": instant,
        "lastModifiedAt": instant + 39,
        "distribution": {"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": []},
        "isReshareDisabledByAuthor": False,
    }
    if content is not None:
        row["content"] = copied(content)
    return row


def media_of(content: object) -> Iterator[str]:
    """Yield the URNs of images, videos and documents anywhere in a content union."""
    if isinstance(content, dict):
        for value in content.values():
            yield from media_of(value)
    elif isinstance(content, list):
        for value in content:
            yield from media_of(value)
    elif isinstance(content, str) and content.startswith(
        ("urn:li:image:", "urn:li:video:", "urn:li:document:")
    ):
        yield content


def media(urn: str, owner: str) -> Wire:
    """Return an available image, video or document without its links."""
    row: Wire = {"id": urn, "owner": owner, "status": "AVAILABLE"}
    if ":video:" in urn:
        mark = crc32(urn.encode())
        row["duration"] = 5_000 + mark % 300_000
        row["aspectRatioWidth"], row["aspectRatioHeight"] = ((16.0, 9.0), (1.0, 1.0))[mark % 2]
    return row


def signed(row: Wire, today: dt.date) -> Wire:
    """Return a medium with its signed links, which change every day.

    LinkedIn leaves the optional fields out unless the status is AVAILABLE.
    """
    if row["status"] != "AVAILABLE":
        return {name: row[name] for name in ("id", "owner", "status")}
    kind, key = row["id"].split(":", 3)[2:]
    expires = ((today - dt.date(1970, 1, 1)).days + _LINK_DAYS) * _DAY_MS
    token = f"{crc32(f'{key}{today}'.encode()):08x}"
    tail = f"?e={expires // 1000}&v=beta&t={token}"
    base = f"https://media.licdn.example/dms/{kind}/v2/{key}"
    shown = {**copied(row), "downloadUrl": f"{base}/original/0{tail}"}
    shown["downloadUrlExpiresAt"] = expires
    if kind == "video":
        shown["thumbnail"] = f"{base}/cover/0{tail}"
    return shown
