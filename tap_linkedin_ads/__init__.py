"""Singer tap for LinkedIn Ads and LinkedIn company pages."""
