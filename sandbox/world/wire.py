"""Entities in LinkedIn's wire shape, as a single GET returns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.world.copies import copied

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]

ACCOUNT_STATUSES = ("ACTIVE", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED")
GROUP_STATUSES = (
    "ACTIVE",
    "ARCHIVED",
    "CANCELED",
    "DRAFT",
    "PAUSED",
    "PENDING_DELETION",
    "REMOVED",
)
CAMPAIGN_STATUSES = (
    "ACTIVE",
    "PAUSED",
    "ARCHIVED",
    "COMPLETED",
    "CANCELED",
    "DRAFT",
    "PENDING_DELETION",
    "REMOVED",
)
CREATIVE_STATUSES = (
    "ACTIVE",
    "PAUSED",
    "DRAFT",
    "ARCHIVED",
    "CANCELED",
    "PENDING_DELETION",
    "REMOVED",
)
CAMPAIGN_TYPES = ("TEXT_AD", "SPONSORED_UPDATES", "SPONSORED_INMAILS", "DYNAMIC")
OBJECTIVES = (
    "LEAD_GENERATION",
    "CREATIVE_ENGAGEMENT",
    "WEBSITE_TRAFFIC",
    "VIDEO_VIEW",
    "BRAND_AWARENESS",
    "WEBSITE_CONVERSION",
    "WEBSITE_VISIT",
    "ENGAGEMENT",
    "JOB_APPLICANT",
)
_ORGANIZATION = "urn:li:organization:9087651"
_PERSON = "urn:li:person:qZ7xK2mPlB"


def altered(row: Row, changes: Row) -> Row:
    """Return the row with changes; None removes an optional key."""
    merged = {**row, **copied(changes)}
    return {name: value for name, value in merged.items() if value is not None}


class Times(NamedTuple):
    """When an entity was created and last modified, in milliseconds."""

    created: int
    modified: int


def _stamps(times: Times) -> Row:
    return {
        "created": {"actor": "urn:li:unknown:0", "time": times.created},
        "lastModified": {"actor": "urn:li:unknown:0", "time": times.modified},
    }


def _money(amount: str, currency: str) -> Row:
    return {"amount": amount, "currencyCode": currency}


def ad_account(number: int, name: str, currency: str, times: Times) -> Row:
    """Return an ad account."""
    return {
        "id": number,
        "name": name,
        "currency": currency,
        "type": "BUSINESS",
        "status": "ACTIVE",
        "reference": _ORGANIZATION,
        "servingStatuses": ["RUNNABLE"],
        "test": False,
        "notifiedOnCampaignOptimization": True,
        "notifiedOnCreativeApproval": False,
        "notifiedOnCreativeRejection": True,
        "notifiedOnEndOfCampaign": True,
        "notifiedOnNewFeaturesEnabled": False,
        "version": {"versionTag": str(number % 19 + 1)},
        "changeAuditStamps": _stamps(times),
    }


def account_user(account: str, user: str, role: str, times: Times) -> Row:
    """Return a member's role on an ad account."""
    return {
        "account": account,
        "user": user,
        "role": role,
        "changeAuditStamps": _stamps(times),
    }


def campaign_group(number: int, account: int, name: str, currency: str, times: Times) -> Row:
    """Return a campaign group; only every second one has an end, a budget of a day and goals."""
    row: Row = {
        "id": number,
        "name": name,
        "account": f"urn:li:sponsoredAccount:{account}",
        "status": "ACTIVE",
        "servingStatuses": ["RUNNABLE"],
        "backfilled": False,
        "test": False,
        "allowedCampaignTypes": list(CAMPAIGN_TYPES),
        "runSchedule": {"start": times.created},
        "totalBudget": _money("25000.00", currency),
        "changeAuditStamps": _stamps(times),
    }
    if number % 2:
        row["runSchedule"]["end"] = times.created + 86_400_000 * 720
        row["dailyBudget"] = _money("85.50", currency)
        row["objectiveType"] = "LEAD_GENERATION"
        row["budgetOptimization"] = {
            "bidStrategy": "MAXIMUM_DELIVERY",
            "budgetOptimizationStrategy": "DYNAMIC",
        }
    return row


def campaign(number: int, group: Row, name: str, currency: str, times: Times) -> Row:
    """Return a sponsored-content campaign of a group; every third one has no end date."""
    row: Row = {
        "id": number,
        "name": name,
        "account": group["account"],
        "campaignGroup": f"urn:li:sponsoredCampaignGroup:{group['id']}",
        "associatedEntity": _ORGANIZATION,
        "status": "ACTIVE",
        "type": "SPONSORED_UPDATES",
        "format": "STANDARD_UPDATE",
        "objectiveType": "LEAD_GENERATION",
        "costType": "CPM",
        "unitCost": _money("0", currency),
        "dailyBudget": _money("120.50", currency),
        "optimizationTargetType": "MAX_LEAD",
        "creativeSelection": "OPTIMIZED",
        "pacingStrategy": "LIFETIME",
        "locale": {"country": "US", "language": "en"},
        "runSchedule": {"start": times.created},
        "targetingCriteria": {
            "include": {
                "and": [
                    {"or": {"urn:li:adTargetingFacet:interfaceLocales": ["urn:li:locale:en_US"]}},
                    {"or": {"urn:li:adTargetingFacet:locations": ["urn:li:geo:101282230"]}},
                    {
                        "or": {
                            "urn:li:adTargetingFacet:seniorities": [
                                "urn:li:seniority:6",
                                "urn:li:seniority:7",
                            ]
                        }
                    },
                ]
            },
            "exclude": {"or": {"urn:li:adTargetingFacet:employers": [_ORGANIZATION]}},
        },
        "audienceExpansionEnabled": False,
        "offsiteDeliveryEnabled": True,
        "offsitePreferences": {
            "iabCategories": {"include": [], "exclude": ["urn:li:iabCategory:IAB-25"]},
            "publisherRestrictionFiles": {"include": [], "exclude": []},
        },
        "storyDeliveryEnabled": False,
        "connectedTelevisionOnly": False,
        "politicalIntent": "NOT_POLITICAL",
        "servingStatuses": ["RUNNABLE"],
        "test": False,
        "version": {"versionTag": str(number % 23 + 1)},
        "changeAuditStamps": _stamps(times),
    }
    if number % 3:
        row["runSchedule"]["end"] = times.created + 86_400_000 * 700
        row["totalBudget"] = _money("9000", currency)
    return row


#: Differences between campaigns, by running number.
_CAMPAIGN_VARIETY: tuple[Row, ...] = (
    {},
    {"type": "TEXT_AD", "format": "TEXT_AD", "objectiveType": "WEBSITE_VISIT", "costType": "CPC"},
    {
        "type": "SPONSORED_INMAILS",
        "format": "SPONSORED_INMAIL",
        "costType": "CPM",
        "associatedEntity": None,
        "objectiveType": "LEAD_GENERATION",
    },
    {"type": "DYNAMIC", "format": "SPOTLIGHT", "objectiveType": "JOB_APPLICANT"},
    {"format": "SINGLE_VIDEO", "objectiveType": "VIDEO_VIEW", "costType": "CPV"},
    {"format": "CAROUSEL", "objectiveType": "BRAND_AWARENESS", "targetingCriteria": None},
    {
        "format": "SPONSORED_UPDATE_NATIVE_DOCUMENT",
        "objectiveType": "ENGAGEMENT",
        "optimizationPreference": {
            "frequencyOptimizationPreference": {
                "optimizationType": "NONE",
                "frequency": 3,
                "timeSpan": {"duration": 7, "unit": "DAY"},
            }
        },
    },
)


def campaign_variety(index: int) -> Row:
    """Return what distinguishes one campaign of a varied world from another."""
    return dict(_CAMPAIGN_VARIETY[index % len(_CAMPAIGN_VARIETY)])


def _reference(kind: str, key: int) -> Row:
    return {"reference": f"urn:li:{kind}:{key}"}


def _text_ad(number: int) -> Row:
    return {
        "textAd": {
            "headline": "Cut audit time",
            "description": "Free checklist für Werkleiter",
            "image": f"urn:li:image:C4D03AQ{number}",
            "landingPage": _landing_page(number),
        }
    }


def _spotlight(number: int) -> Row:
    return {
        "spotlight": {
            "callToAction": "LEARN_MORE",
            "description": "See the plant",
            "headline": "Hello",
            "landingPage": _landing_page(number),
            "logo": f"urn:li:image:C4D0BAQ{number}",
            "backgroundImage": f"urn:li:image:C4D1BAQ{number}",
            "organizationName": "Northlight",
            "showMemberProfilePhoto": True,
        }
    }


def _follow(number: int) -> Row:
    return {
        "follow": {
            "callToAction": "VISIT_COMPANY",
            "description": {"preApproved": "COMPANY_POST_DETAILED"},
            "headline": {"custom": "Follow us"},
            "logo": f"urn:li:image:C4D0BAQ{number}",
            "organizationName": "Northlight",
            "showMemberProfilePhoto": True,
        }
    }


def _jobs(number: int) -> Row:
    return {
        "jobs": {
            "buttonLabel": {"preApproved": "APPLY_NOW"},
            "headline": {"preApproved": "FIND_JOBS"},
            "logo": f"urn:li:image:C4D0BAQ{number}",
            "organizationName": "Northlight",
            "showMemberProfilePhoto": False,
        }
    }


def _landing_page(number: int) -> str:
    return f"https://example.com/lp/{number}?utm_source=linkedin&utm_content={number}"


#: A creative's content, a union with one key, by kind of creative.
CONTENT: dict[str, Callable[[int], Row]] = {
    "share": lambda number: _reference("share", 7301122334000000000 + number),
    "lead share": lambda number: _reference("share", 7301122334000000000 + number),
    "carousel": lambda number: _reference("share", 7301122334000000000 + number),
    "ugcPost": lambda number: _reference("ugcPost", 7302122334000000000 + number),
    "adInMailContent": lambda number: _reference("adInMailContent", number % 1_000_000),
    "sponsoredConversation": lambda number: _reference("sponsoredConversation", number),
    "event": lambda number: _reference("event", 7303 * 10**15 + number),
    "textAd": _text_ad,
    "spotlight": _spotlight,
    "follow": _follow,
    "jobs": _jobs,
    "eventAd": lambda number: {"eventAd": {"event": f"urn:li:event:{7303 * 10**15 + number}"}},
    "documentAd": lambda number: {"documentAd": {"document": f"urn:li:document:D4E10AQ{number}"}},
}


def creative(number: int, parent: Row, kind: str, times: Times) -> Row:
    """Return a serving creative of a campaign."""
    return {
        "id": f"urn:li:sponsoredCreative:{number}",
        "account": parent["account"],
        "campaign": f"urn:li:sponsoredCampaign:{parent['id']}",
        "name": f"Creative {number}",
        "content": CONTENT[kind](number),
        "intendedStatus": "ACTIVE",
        "isServing": True,
        "isTest": False,
        "review": {"status": "APPROVED"},
        "createdAt": times.created,
        "createdBy": _PERSON,
        "lastModifiedAt": times.modified,
        "lastModifiedBy": "urn:li:system:0",
    }


def creative_variety(index: int, *, live: bool) -> Row:
    """Return what distinguishes one creative of a varied world from another."""
    changes: Row = {"name": None if not index % 4 else f"Größe {index} · «blue» 📈"}
    if not live:
        changes |= {"isServing": False, "servingHoldReasons": ["STOPPED"]}
        if index % 5 == 0:
            changes["review"] = {"status": "REJECTED", "rejectionReasons": ["INCORRECT_LANGUAGE"]}
        elif index % 2 == 0:
            changes["review"] = None
    if index % 6 == 1:
        changes["leadgenCallToAction"] = {
            "destination": f"urn:li:adForm:{18300000 + index}",
            "label": "DOWNLOAD",
        }
    return changes
