"""How many streamed responses are sent at once."""

import asyncio
from contextlib import suppress

import pytest
from django.http import StreamingHttpResponse

from batchsite.server import streams
from batchsite.server.refusals import Refused
from batchsite.server.streams import PIECE_BYTES, Stream, Streams


@pytest.fixture(autouse=True)
def limits(monkeypatch):
    monkeypatch.setattr(streams, "MAX_STREAMS", 1)
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.05)


async def send(found, response, client):
    """Send a response to a client, a function that is awaited with each piece."""
    stream = Stream(response)
    try:
        with found.opened() as progress:
            async for piece in found.pieces(stream, asyncio.Future(), progress):
                await client(piece)
    finally:
        found.close(stream)


async def reads(_piece):
    await asyncio.sleep(0)


def large():
    return StreamingHttpResponse(b"x" * PIECE_BYTES for _ in range(3))


def test_stream_that_has_stalled_makes_room_for_another():
    async def scenario():
        found, response, sends = Streams(), large(), asyncio.Event()

        async def stalls(_piece):
            sends.set()
            await asyncio.Event().wait()

        stalled = asyncio.create_task(send(found, response, stalls))
        await sends.wait()
        async with asyncio.timeout(10):
            while not stalled.done():
                with suppress(Refused):
                    await send(found, large(), reads)
                await asyncio.sleep(0.01)
            assert stalled.cancelled()
            while not response.closed:
                await asyncio.sleep(0.01)

    asyncio.run(scenario())


def test_stream_is_refused_while_all_others_are_read():
    async def scenario():
        found = Streams()

        async def other_comes(_piece):
            with pytest.raises(Refused):
                await send(found, large(), reads)

        await send(found, large(), other_comes)

    asyncio.run(scenario())


def test_small_response_is_complete_with_its_first_piece():
    stream = Stream(StreamingHttpResponse([b"a", b"", b"b"]))
    assert (stream.first, stream.is_complete) == (b"ab", True)
