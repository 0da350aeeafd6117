"""The partner API: contracts/partner-api.md over HTTP, as plain FastAPI routes under `/api/v2`.

How to add a route
------------------
1. A service verb in `core` that takes a `Principal` and passes the gate; never SQL here. Lists:
   a `ListOf` of filters and sorts (`core.integration.api.lists`), a verb
   `page(who, ListQuery) -> Page`.
2. The shape of its answer as a pydantic model in `schemas/`, every field with a description and an
   example: documentation, checked by tests against real answers, not used for answering.
3. A module with `def routes(router: APIRouter) -> None` listed in `app.ROUTES`::

       def routes(router: APIRouter) -> None:
           @router.get(f"{PARTNER}/things", **told("List things", ThingList, lists=THINGS))
           def list_things(call: Called) -> Response:
               query = call.listing()
               return listed("things", call.hub.things.page(call.who, query), query)

           @router.post(f"{PARTNER}/things", **told("Make one", Thing, takes=NewThing, status=201))
           def make_thing(call: Called) -> Response:
               return answer(call.hub.things.make(call.who, call.body(NewThing).name), 201)

   Routes are plain `def` (worker threads). `call.who` is the program, known to work for the
   partner of the path: ask for it first, so that strangers learn nothing. `call.body(Model)` is
   the JSON (or form) body, `call.path("thing_id")` a part of the path, `call.limit(...)` counts.
4. Errors are raised as `core.errors`; `errors.py` writes them in the contract's words. `told`
   says in the OpenAPI what a route takes and answers; path parameters are known by name
   (`describe.PATH_PARAMETERS`). Writes take `Idempotency-Key` without further ado.
"""

from ui.api.partner.app import install

__all__ = ["install"]
