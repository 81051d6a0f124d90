"""What a client sends with a request: all of it, or else an answer that says what was wrong with it."""

from typing import IO, Any, cast

from flask import Request
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge, RequestTimeout
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream


class WholeBody(LimitedStream):
    """A body that is read to its end, as its length or its last chunk tells it.

    Of a server that ends bodies by itself, Werkzeug takes what a lost connection left for the whole of a form, and it
    cuts a body without a length at the limit.
    """

    def __init__(self, stream: Any, *, length: int | None, longest: int) -> None:  # noqa: ANN401 - WSGI
        self._in_chunks = length is None
        super().__init__(stream, longest + 1 if length is None else length, is_max=self._in_chunks)

    def readinto(self, b: bytearray) -> int | None:  # type: ignore[override]
        """Read a part.

        Raises:
            HTTPException: it is too long, does not come, or ends too early.
        """
        try:
            size = super().readinto(b)
        except HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - the server's own, at chunks that are none
            self.on_disconnect(error)
        if self._in_chunks and self.is_exhausted:
            raise RequestEntityTooLarge
        return size

    def on_disconnect(self, error: Exception | None = None) -> None:
        """Refuse a body that nothing more comes of."""
        if isinstance(error, BlockingIOError | TimeoutError):
            raise RequestTimeout("The rest of what was sent did not come. Please send it again.")
        if error is not None or not self._in_chunks:
            raise ClientDisconnected("What was sent ended too early, or was garbled on its way. Please send it again.")


class WholeRequest(Request):
    """A request whose body is all there or refused."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """Return the body, of which at most `max_content_length` bytes are read.

        Raises:
            RequestEntityTooLarge: its length is more than that.
        """
        length, longest = self.content_length, self.max_content_length or 0
        if length is None and "wsgi.input_terminated" not in self.environ:  # such a server waits at its end
            length = 0
        if length is not None and length > longest:
            raise RequestEntityTooLarge
        return cast(IO[bytes], WholeBody(self.environ["wsgi.input"], length=length, longest=longest))
