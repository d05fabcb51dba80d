"""Conversions, Insight Tags, forms, leads and segments in LinkedIn's wire shape."""

from __future__ import annotations

from typing import Any
from zlib import crc32

Wire = dict[str, Any]

_DAY_MS = 86_400_000
CONVERSION_TYPES = (
    "LEAD",
    "DOWNLOAD",
    "SIGN_UP",
    "PURCHASE",
    "KEY_PAGE_VIEW",
    "ADD_TO_CART",
    "INSTALL",
    "OTHER",
    "QUALIFIED_LEAD",
    "MARKETING_QUALIFIED_LEAD",
)


def conversion_urn(number: int) -> str:
    """Return the URN of a conversion, in LinkedIn's other namespace."""
    return f"urn:lla:llaPartnerConversion:{number}"


def conversion(
    number: int, account: str, currency: str, created: int, campaigns: list[int]
) -> Wire:
    """Return a conversion rule; every fourth has no value, every third no URL rules.

    Args:
        number: Its id.
        account: URN of the owning account.
        currency: Currency of that account.
        created: Milliseconds of its creation.
        campaigns: Ids of the associated campaigns.

    Returns:
        The wire dict, without ``ownershipType``, which depends on who asks.
    """
    row: Wire = {
        "id": number,
        "name": f"Conversión {number} «demo»",
        "account": account,
        "type": CONVERSION_TYPES[number % len(CONVERSION_TYPES)],
        "enabled": number % 5 != 0,
        "attributionType": ("LAST_TOUCH_BY_CAMPAIGN", "LAST_TOUCH_BY_CONVERSION")[number % 2],
        "conversionMethod": "INSIGHT_TAG_URL_MATCH_RULES",
        "valueType": "FIXED",
        "value": {"amount": f"{number % 90}.50", "currencyCode": currency},
        "postClickAttributionWindowSize": (30, 7, 1)[number % 3],
        "viewThroughAttributionWindowSize": (7, 1, 30)[number % 3],
        "imagePixelTag": (
            '<img height="1" width="1" style="display:none;" alt="" '
            f'src="https://px.example/collect/?conversionId={number}&fmt=gif" />'
        ),
        "campaigns": [f"urn:li:sponsoredCampaign:{campaign}" for campaign in campaigns],
        "associatedCampaigns": [
            {
                "campaign": f"urn:li:sponsoredCampaign:{campaign}",
                "associatedAt": created + (place + 1) * _DAY_MS + campaign % 1000,
                "conversion": conversion_urn(number),
            }
            for place, campaign in enumerate(campaigns)
        ],
        "urlMatchRuleExpression": [
            [
                {"matchType": "STARTS_WITH", "matchValue": "https://example.com/démo?a=1,(2)"},
                {"matchType": "CONTAINS", "matchValue": "thank-you"},
            ],
            [{"matchType": "EXACT", "matchValue": "https://example.com/"}],
        ],
        "urlRules": [{"type": "CONTAINS", "matchValue": "thank-you"}],
        "created": created,
        "lastModified": created + 40 * _DAY_MS + number % 10_007,
        "lastCallbackAt": created + 60 * _DAY_MS + number % 20_011,
        "latestFirstPartyCallbackAt": created + 59 * _DAY_MS,
    }
    if number % 4 == 0:
        for name in ("value", "lastCallbackAt", "latestFirstPartyCallbackAt"):
            del row[name]
        row["valueType"] = "DYNAMIC"
    if number % 3 == 0:
        del row["urlMatchRuleExpression"]
        row["urlRules"] = []
        row["conversionMethod"] = "CONVERSIONS_API"
    return row


def insight_tag(number: int, accounts: list[str]) -> Wire:
    """Return an Insight Tag and the accounts that use it."""
    script = f'<script type="text/javascript"> _linkedin_partner_id = "{number}"; </script>'
    return {
        "id": number,
        "tag": script,
        "sponsoredAccounts": accounts,
        "firstPartyTrackingEnabled": number % 2 == 1,
    }


def tag_urn(number: int) -> str:
    """Return the URN of an Insight Tag."""
    return f"urn:tscp:insightTag:{number}"


def tag_domain(tag: int, domain: str, created: int) -> Wire:
    """Return a domain of an Insight Tag; every second never called back."""
    row: Wire = {
        "created": created,
        "insightTag": tag_urn(tag),
        "domainName": domain,
        "lastCallbackAt": created + 3_600_000,
        "blocked": crc32(domain.encode()) % 5 == 0,
    }
    if crc32(domain.encode()) % 2:
        del row["lastCallbackAt"]
    return row


def _localized(text: str) -> Wire:
    return {"localized": {"en_US": text}}


def lead_form(number: int, owner: Wire, created: int) -> Wire:
    """Return a lead form with a text question and a multiple-choice question."""
    is_rejected = not number % 3
    return {
        "id": number,
        "name": f"Guide download {number} 📥",
        "owner": owner,
        "state": ("PUBLISHED", "PUBLISHED", "ARCHIVED", "DRAFT")[number % 4],
        "versionId": 1 + number % 3,
        "created": created,
        "lastModified": created + 20 * _DAY_MS + number % 999,
        "creationLocale": {"country": "US", "language": "en"},
        "hiddenFields": [{"name": "utm_source", "value": "linkedin"}] if number % 2 else [],
        "reviewInfo": {
            "reviewStatus": "REJECTED" if is_rejected else "APPROVED",
            "rejectionReasons": ["PRIVACY_POLICY_MISSING"] if is_rejected else [],
            "lastUpdated": created + _DAY_MS,
        },
        "versionTag": str(1 + number % 4),
        "content": {
            "headline": _localized("Get the guide"),
            "description": _localized("Twelve pages on “audits”"),
            "questions": [
                {
                    "questionId": 1,
                    "name": "firstName",
                    "question": _localized("First name"),
                    "predefinedField": "FIRST_NAME",
                    "responseEditable": True,
                    "responseRequired": True,
                    "questionDetails": {"textQuestionDetails": {"maxResponseLength": 300}},
                },
                {
                    "questionId": 2,
                    "name": "teamSize",
                    "question": _localized("Team size?"),
                    "responseEditable": True,
                    "responseRequired": False,
                    "questionDetails": {
                        "multipleChoiceQuestionDetails": {
                            "options": [
                                {"id": 1, "text": _localized("1-10")},
                                {"id": 2, "text": _localized("11+")},
                            ]
                        }
                    },
                },
            ],
            "postSubmissionInfo": {
                "message": _localized("Thank you"),
                "callToAction": {
                    "callToActionTarget": {"landingPageUrl": "https://example.com/guide.pdf"},
                    "callToActionLabel": "VIEW_NOW",
                },
            },
            "legalInfo": {
                "legalInfoId": 5_500_000 + number,
                "privacyPolicyUrl": "https://example.com/privacy",
                "consents": [
                    {"id": 7_700_000 + number, "checkRequired": True, "consent": _localized("Yes")}
                ],
            },
        },
    }


def lead(key: str, form: Wire, submitted: int, lead_type: str, related: Wire) -> Wire:
    """Return a lead form response.

    Args:
        key: Its id, a text.
        form: The form.
        submitted: Milliseconds of the submission.
        lead_type: SPONSORED, COMPANY, EVENT or ORGANIZATION_PRODUCT.
        related: ``associatedEntity`` and ``leadMetadata``.

    Returns:
        The wire dict.
    """
    mark = crc32(key.encode())
    answers: list[Wire] = [
        {
            "questionId": 1,
            "name": "firstName",
            "answerDetails": {"textQuestionAnswer": {"answer": f"Zoë {mark % 977}"}},
        }
    ]
    if mark % 3:
        answers.append(
            {
                "questionId": 2,
                "answerDetails": {"multipleChoiceAnswer": {"options": [1 + mark % 2]}},
            }
        )
    return {
        "id": key,
        "owner": form["owner"],
        "leadType": lead_type,
        "submitter": f"urn:li:person:Lead{mark:08x}",
        "submittedAt": submitted,
        "testLead": mark % 10 == 0,
        "versionedLeadGenFormUrn": (
            f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{form['id']},{form['versionId']})"
        ),
        **related,
        "formResponse": {
            "answers": answers,
            "consentResponses": [
                {"consentId": form["content"]["legalInfo"]["consents"][0]["id"], "accepted": True}
            ],
        },
    }


def ad_segment(number: int, account: str, actor: str, created: int) -> Wire:
    """Return a segment of an account; every third is too small to have a count."""
    row: Wire = {
        "id": number,
        "account": account,
        "name": f"Customers {number}",
        "description": "CRM upload",
        "type": ("BULK", "RETARGETING", "MARKET_AUTOMATION", "LOOKALIKE")[number % 4],
        "status": ("READY", "PROCESSING", "DRAFT", "ARCHIVED")[number % 4],
        "approximateMemberCount": 300 * (1 + number % 50),
        "created": {"actor": actor, "time": created},
        "lastModified": {"actor": actor, "time": created + 9 * _DAY_MS + number % 777},
        "versionTag": str(1 + number % 6),
    }
    if number % 3 == 0:
        del row["approximateMemberCount"], row["description"]
    return row


def dmp_segment(number: int, account: str, created: int, segment: int) -> Wire:
    """Return a DMP segment with one destination."""
    modified = created + 8 * _DAY_MS + number % 555
    return {
        "id": number,
        "name": f"Upload {number}",
        "account": account,
        "accessPolicy": "PRIVATE",
        "type": ("USER", "COMPANY", "USER_LIST_UPLOAD", "COMPANY_LIST_UPLOAD")[number % 4],
        "sourcePlatform": ("LIST_UPLOAD", "LIVERAMP")[number % 2],
        "inputCount": 6100 + number % 100,
        "created": created,
        "lastModified": modified,
        "destinations": [
            {
                "destination": "LINKEDIN",
                "destinationSegmentId": f"urn:li:adSegment:{segment}",
                "status": ("READY", "BUILDING")[number % 2],
                "audienceSize": 4200,
                "matchedCount": 4188,
                "created": created,
                "lastModified": modified,
            }
        ],
    }


_FRAME_LIVES = 3 * 3_600_000
_MESSAGES = ("urn:li:adInMailContent:", "urn:li:sponsoredConversation:")


def previews(creative: Wire, now: int) -> list[Wire]:
    """Return the previews of a creative; a draft has none, messages and side ads have one.

    Args:
        creative: The creative.
        now: Milliseconds; the frame's address lives for about three hours from then on.

    Returns:
        One row for each placement, with a frame in one of the spellings of HTML.
    """
    if creative["intendedStatus"] == "DRAFT":
        return []
    reference = creative["content"].get("reference", "")
    is_narrow = not {"textAd", "spotlight", "follow", "jobs"}.isdisjoint(creative["content"])
    narrow = is_narrow or reference.startswith(_MESSAGES)
    rows = []
    for placement in ("DESKTOP_WEBSITE",) if narrow else ("DESKTOP_WEBSITE", "MOBILE_WEBSITE"):
        address = preview_address(creative["id"], placement, now).replace("&", "&amp;")
        quote = "'\""[placement == "MOBILE_WEBSITE"]
        frame = f"<iframe width={quote}504{quote} src={quote}{address}{quote}></iframe>"
        rows.append(
            {
                "creative": creative["id"],
                "preview": frame,
                "placement": {"linkedin": {"contentPresentationType": placement}},
            }
        )
    return rows


def preview_address(creative: str, placement: str, now: int) -> str:
    """Return the address of the frame that shows a creative (URN) at a placement."""
    number = creative.rpartition(":")[2]
    return (
        f"https://www.linkedin.example/ads/preview/{number}?placement={placement}"
        f"&expires={now + _FRAME_LIVES}&name=caf%C3%A9"
    )


def tracking_parameters(number: int) -> Wire:
    """Return the tracking parameters of an ad account or campaign, by its number."""
    row: Wire = {
        "dynamicValueParameters": {
            "utm_campaign": ("CAMPAIGN_NAME", "CAMPAIGN_GROUP_NAME", "ACCOUNT_NAME")[number % 3],
            "li_creative": "CREATIVE_ID",
        },
        "customValueParameters": {"utm_source": "linkedin", "utm_term": "été & «más»"},
    }
    if number % 4 == 0:
        row["customValueParameters"] = {}
    return row
