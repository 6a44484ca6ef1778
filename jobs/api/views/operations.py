"""Which operations there are."""

from rest_framework.request import Request
from rest_framework.response import Response

from jobs import operations
from jobs.api.schema import call
from jobs.api.serializers.library import Operation
from jobs.api.views.base import ApiView


class OperationsView(ApiView):
    @call(
        "listOperations",
        "The operations, by label",
        Operation(many=True),
        tag="operations",
        of_job=False,
    )
    def get(self, request: Request) -> Response:
        return Response(
            [
                {
                    "name": operation.name,
                    "label": operation.label or operation.name,
                    "description": operation.description,
                    "own_items": not operation.uses_library,
                    "parameters": operation.parameters_schema(),
                }
                for operation in operations.all_operations()
            ]
        )
