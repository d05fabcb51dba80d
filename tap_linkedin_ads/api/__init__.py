"""LinkedIn over HTTP: requests, retries, throttles, tokens, paging. Knows nothing of Singer."""
