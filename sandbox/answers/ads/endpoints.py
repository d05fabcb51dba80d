"""Rows of the endpoint table for the rest of the ads side."""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.ads import (
    conversions,
    creative_previews,
    insight_tags,
    intelligence,
    leads,
    messages,
    segments,
    targeting,
    tracking,
)
from sandbox.answers.endpoints import REPORTING
from sandbox.answers.pages.envelope import Ids
from sandbox.api.params import Bool, Enum, ListOf, Long, ParamType, Record, Text, Urn
from sandbox.api.request import ADS, Endpoint
from sandbox.world.ads import companies, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.api.request import Request

LEADS = ("r_marketing_leadgen_automation",)
DMP = ("rw_dmp_segments",)
ANYBODY: tuple[str, ...] = ()

_ACCOUNT = Urn(("li:sponsoredAccount",))
_CAMPAIGN = Urn(("li:sponsoredCampaign",))
_CREATIVE = Urn(("li:sponsoredCreative",))
_MESSAGE = Urn(("li:adInMailContent",))
_ASSOCIATION = Record(
    {"campaign": _CAMPAIGN, "conversion": Urn(("lla:llaPartnerConversion",))},
    frozenset(("campaign", "conversion")),
)
_DOMAIN = Record({"account": _ACCOUNT, "domainName": Text()}, frozenset(("account", "domainName")))
#: The id of a lead is a text.
PATH_KEYS: dict[str, ParamType] = {
    "response": Text(),
    "message": _MESSAGE,
    "conversation": Urn(("li:sponsoredConversation",)),
}
_TRACKED = Record(
    {"adEntity": Record({"sponsoredCampaign": _CAMPAIGN, "sponsoredAccount": _ACCOUNT})},
    frozenset(("adEntity",)),
)
COMPOUND_KEYS: dict[str, Record] = {
    "association": _ASSOCIATION,
    "domain": _DOMAIN,
    "tracked": _TRACKED,
}

_INDEX: dict[str, ParamType] = {"start": Long("index_range"), "count": Long("index_range")}
_BY_ACCOUNT: dict[str, ParamType] = {"account": _ACCOUNT, **_INDEX}
_ONE = frozenset(("account",))

_FORM = wire.lead_form(1, {}, 0)
_SCHEMAS: dict[str, frozenset[str]] = {
    "conversions": frozenset(wire.conversion(1, "", "", 0, [])) | {"ownershipType", "key"},
    "campaignConversions": frozenset(("associatedAt", "campaign", "conversion")),
    "insightTags": frozenset(wire.insight_tag(1, [])),
    "insightTagsPermission": frozenset(("account", "insightTag", "role")),
    "insightTagDomains": frozenset(wire.tag_domain(1, "", 0)) | {"lastCallbackAt"},
    "leadForms": frozenset(_FORM),
    "leadFormResponses": frozenset(wire.lead("", _FORM, 0, "", {}))
    | {"leadMetadata", "associatedEntity"}
    | {"ownerInfo", "associatedEntityInfo", "leadMetadataInfo", "form"},
    "dmpSegments": frozenset(wire.dmp_segment(1, "", 0, 1)),
    "destinations": frozenset(wire.dmp_segment(1, "", 0, 1)["destinations"][0]),
    "accountIntelligence": frozenset(
        ("companyName", "companyPageUrl", "companyWebsite", "engagementLevel")
    )
    | frozenset(companies.COUNTS)
    | frozenset(intelligence.SINCE),
    "adTargetingEntities": frozenset(("urn", "facetUrn", "name")),
    "adPreviews": frozenset(("creative", "preview", "placement")),
    "adTrackingParameters": frozenset(("dynamicValueParameters", "customValueParameters")),
    "inMailContents": frozenset(
        ("id", "account", "name", "subject", "htmlBody", "sender", "subContent")
    ),
    "conversationAds": frozenset(("parentAccount", "headlineText", "firstMessageContent")),
    "sponsoredMessageContents": frozenset(("id", "bodySource", "nextAction")),
}


def _row(
    resource: str,
    method: str,
    serve: Callable[[Request], Any],
    scopes: tuple[str, ...] = ADS,
    *,
    below: str = "",
    **more: Any,
) -> Endpoint:
    path = f"{resource}/{below}" if below else resource
    schema = _SCHEMAS[below.rpartition("/")[2] if "/" in below else resource]
    return Endpoint(resource, path, method, serve, scopes=scopes, schema=schema, **more)


def _finder(
    resource: str,
    finder: str,
    serve: Callable[[Request], Any],
    params: dict[str, ParamType],
    *required: str,
    scopes: tuple[str, ...] = ADS,
) -> Endpoint:
    return _row(resource, "FINDER", serve, scopes, finder=finder, params=params, required=required)


_INTELLIGENCE: dict[str, ParamType] = {
    **_BY_ACCOUNT,
    "filterCriteria": Record(
        {
            "lookbackWindow": Enum(intelligence.LOOKBACK_WINDOWS),
            "adSegments": ListOf(Urn(("li:adSegment",))),
            "campaign": _CAMPAIGN,
        }
    ),
    "skipCompanyDecoration": Bool(),
}
_RESPONSES: dict[str, ParamType] = {
    **_INDEX,
    "owner": leads.Owner(),
    "leadType": Record(
        {"leadType": Enum(frozenset(("SPONSORED", *leads.ORGANIC_TYPES)))},
        frozenset(("leadType",)),
    ),
    "submittedAtTimeRange": Record({"start": Long(), "end": Long()}, frozenset(("start",))),
    "versionedLeadGenFormUrn": Urn(("li:versionedLeadGenForm",), numeric=False),
    "associatedEntity": Urn(("li:sponsoredCreative", "li:organization", "li:event")),
    "limitedToTestLeads": Bool(),
}
_LOCALE = Record({"language": Text(), "country": Text()}, frozenset(("language", "country")))

ENDPOINTS: tuple[Endpoint, ...] = (
    _finder(
        "conversions",
        "account",
        conversions.by_account,
        {
            **_BY_ACCOUNT,
            "conversionOwnershipTypes": ListOf(Enum(frozenset(("OWNED", "SHARED")))),
        },
        "account",
    ),
    _row("conversions", "BATCH_GET", conversions.batch_get, params={"ids": Ids(Long())}),
    _row(
        "conversions",
        "GET",
        conversions.get,
        below="{conversion}",
        params={"account": _ACCOUNT},
        required=("account",),
    ),
    _finder(
        "campaignConversions",
        "campaigns",
        conversions.by_campaigns,
        {**_INDEX, "campaigns": ListOf(_CAMPAIGN)},
        "campaigns",
    ),
    _row(
        "campaignConversions",
        "BATCH_GET",
        conversions.batch_get_associations,
        params={"ids": Ids(_ASSOCIATION)},
    ),
    _row("campaignConversions", "GET", conversions.get_association, below="{association}"),
    _finder("insightTags", "account", insight_tags.tags, _BY_ACCOUNT, "account"),
    _row("insightTags", "GET", insight_tags.tag, below="{tag}"),
    _finder("insightTagsPermission", "account", insight_tags.permissions, _BY_ACCOUNT, "account"),
    _finder(
        "insightTagDomains",
        "account",
        insight_tags.domains,
        {**_BY_ACCOUNT, "domainName": Text()},
        "account",
    ),
    _row(
        "insightTagDomains",
        "BATCH_GET",
        insight_tags.batch_get_domains,
        params={"ids": Ids(_DOMAIN)},
    ),
    _row("insightTagDomains", "GET", insight_tags.domain, below="{domain}"),
    _finder(
        "leadForms",
        "owner",
        leads.forms,
        {**_INDEX, "owner": leads.Owner()},
        "owner",
        scopes=(*ADS, *LEADS),
    ),
    _row(
        "leadForms",
        "BATCH_GET",
        leads.batch_get_forms,
        (*ADS, *LEADS),
        params={"ids": Ids(Long())},
    ),
    _row("leadForms", "GET", leads.form, (*ADS, *LEADS), below="{form}"),
    _finder(
        "leadFormResponses",
        "owner",
        leads.responses,
        _RESPONSES,
        "owner",
        "leadType",
        scopes=LEADS,
    ),
    _row("leadFormResponses", "GET", leads.response, LEADS, below="{response}"),
    _finder(
        "dmpSegments",
        "account",
        segments.dmp_segments,
        {**_BY_ACCOUNT, "sourcePlatform": Text()},
        "account",
        scopes=DMP,
    ),
    _row("dmpSegments", "GET", segments.dmp_segment, DMP, below="{segment}"),
    _row(
        "dmpSegments",
        "GET_ALL",
        segments.destinations,
        DMP,
        below="{segment}/destinations",
        params=_INDEX,
    ),
    _finder(
        "accountIntelligence",
        "account",
        intelligence.by_account,
        _INTELLIGENCE,
        "account",
        "filterCriteria",
        scopes=REPORTING,
    ),
    _finder(
        "adPreviews",
        "creative",
        creative_previews.of_creative,
        {"creative": _CREATIVE, "account": _ACCOUNT},
        "creative",
        "account",
    ),
    _row("adTrackingParameters", "GET", tracking.of_entity, below="{tracked}"),
    _finder(
        "adTargetingEntities",
        "urns",
        targeting.by_urns,
        {
            "urns": ListOf(Text()),
            "queryVersion": Enum(frozenset(("QUERY_USES_URNS",))),
            "locale": _LOCALE,
        },
        "urns",
        scopes=ANYBODY,
    ),
    _finder(
        "adTargetingEntities",
        "adTargetingFacet",
        targeting.by_facet,
        {
            **_INDEX,
            "facet": Enum(targeting.FACET_URNS),
            "totals": Bool(),
            "queryVersion": Enum(frozenset(("QUERY_USES_URNS",))),
            "locale": _LOCALE,
        },
        "facet",
        scopes=ANYBODY,
    ),
    _row("inMailContents", "BATCH_GET", messages.batch_get_messages, params={"ids": Ids(_MESSAGE)}),
    _row("inMailContents", "GET", messages.message, below="{message}"),
    _row("conversationAds", "GET", messages.conversation, below="{conversation}"),
    Endpoint(
        "sponsoredMessageContents",
        "conversationAds/{conversation}/sponsoredMessageContents",
        "GET_ALL",
        messages.nodes,
        params=_INDEX,
        scopes=ADS,
        schema=_SCHEMAS["sponsoredMessageContents"],
    ),
)
