"""An answer that never arrives: the work is done, the connection is cut in the middle."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class CutConnection(Response):
    """Promises a body and breaks off, so that the client cannot know what happened."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head only; the server then closes a connection with a short body."""
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"succ', "more_body": True})
        raise ConnectionResetError("the answer was lost on purpose")
