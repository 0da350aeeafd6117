"""What the partner API's routes call: lists with exact totals, single objects, writes.

Objects are those of `core.integration.shapes`; what a route changes goes through the service that
owns it. HTTP stands in `ui.api.partner`.
"""
