"""The HTTP API: JSON in, JSON out. Each view parses, calls one service and reports.

urls            the URLs
views           one module for each resource
serializers     what requests may hold
answers         what answers hold
schema          describes both in OpenAPI
errors          every error as {"error": sentence}, with "fields" where fields are wrong
formats         how JSON is read and written
access          who calls, and who may use the API at all
downloads       a job's items as CSV and JSON, streamed
etag            ETag and 304
single_flight   one database read for all callers that ask for a job at once
"""
