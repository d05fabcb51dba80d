"""The transport: versions, tokens, parameters, routes and refusals."""
