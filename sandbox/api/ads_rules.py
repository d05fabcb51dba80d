"""The rules of the rest of the ads side; see ``sandbox.api.rules``."""

from __future__ import annotations

#: Rule name -> what it demands.
ASSET_RULES: dict[str, str] = {
    "owner_key": "owner names one sponsoredAccount or one organization",
    "lead_type": "SPONSORED leads belong to an account, the other types to an organization (LI-38)",
    "lead_role": "the member has a role on the organization that reads leads (LI-39)",
    "segment_limit": "an account with more than 1,000 DMP segments is not served (LI-22)",
    "intelligence_product": "the application has the Company Intelligence API",
    "intelligence_role": "the member has a role on the account whose companies it asks for",
    "intelligence_window": "the version knows the lookback window (LI-57)",
    "row_limit": "older versions return the first 100,000 companies only (LI-57)",
    "count_limit": "count is at most what the resource allows (LI-9)",
    "preview_account": "adPreviews names the ad account of the creative (LI-77)",
    "tracking_entity": "adTrackingParameters is of a campaign; since 202608 of an account (LI-78)",
    "tracking_messages": "campaigns of messages have no adTrackingParameters (LI-78)",
    "urn_count": "adTargetingEntities resolves 1 to 50 URNs a call (LI-58)",
}
