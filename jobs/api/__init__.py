"""The HTTP API: JSON in, JSON out. Each view parses, calls one service and reports.

urls           the addresses
views          one module a resource
serializers    what requests may hold (checked), what answers hold (for the schema)
errors         every error as {"error": sentence}, with "fields" where fields are wrong
items          reads a job's items in its order, page by page
downloads      the same as CSV and JSON, streamed
conditional    ETag and 304
"""
