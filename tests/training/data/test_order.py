from __future__ import annotations

from collections import Counter
from itertools import pairwise

from splpaint.training.data.order import PictureOrder


def test_windows_of_a_shardwise_order_read_every_shard_once() -> None:
    counts = [7, 1, 12, 5]
    order = PictureOrder(25, seed=1, sequential=counts, buffer=6)
    shard_of = [shard for shard, count in enumerate(counts) for _ in range(count)]
    for epoch in range(4):
        places = range(25 * epoch, 25 * epoch + 25)
        assert sorted(map(order, places)) == list(range(25))
        assert list(map(order.window, places)) == [(epoch, place // 6) for place in range(25)]
        read = [order(place) for place in sorted(places, key=order.reading_place)]
        assert sum(shard_of[one] != shard_of[other] for one, other in pairwise(read)) == len(counts) - 1
        assert all(a < b for a, b in pairwise(read) if shard_of[a] == shard_of[b])
        assert Counter(order.window(place) for place in places).most_common()[0][1] == 6
