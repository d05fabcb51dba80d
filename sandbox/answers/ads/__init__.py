"""The rest of the ads side: conversions, Insight Tags, leads, segments, companies, names."""
