"""The fields of each resource: what ``fields`` may name."""

# ruff: noqa: SIM905 - names read like the tables in LinkedIn's documentation

from __future__ import annotations

ACCOUNT = frozenset(
    "id name currency type status reference referenceInfo servingStatuses test "
    "notifiedOnCampaignOptimization notifiedOnCreativeApproval notifiedOnCreativeRejection "
    "notifiedOnEndOfCampaign notifiedOnNewFeaturesEnabled totalBudget totalBudgetEndsAt version "
    "changeAuditStamps".split()
)
USER = frozenset("account user role changeAuditStamps version campaignContact".split())
GROUP = frozenset(
    "id name account accountInfo status servingStatuses runSchedule totalBudget dailyBudget "
    "backfilled test allowedCampaignTypes objectiveType budgetOptimization "
    "changeAuditStamps".split()
)
CAMPAIGN = frozenset(
    "id name account accountInfo campaignGroup campaignGroupInfo associatedEntity "
    "associatedEntityInfo status type format objectiveType costType unitCost dailyBudget "
    "totalBudget optimizationTargetType optimizationPreference creativeSelection pacingStrategy "
    "locale runSchedule targetingCriteria targeting audienceExpansionEnabled "
    "offsiteDeliveryEnabled offsitePreferences storyDeliveryEnabled connectedTelevisionOnly "
    "politicalIntent servingStatuses test version changeAuditStamps".split()
)
CREATIVE = frozenset(
    "id account campaign name intendedStatus isServing isTest createdAt lastModifiedAt createdBy "
    "lastModifiedBy review servingHoldReasons leadgenCallToAction content".split()
)
