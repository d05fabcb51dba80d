"""Other programs that read LinkedIn Ads, in environments of their own."""
