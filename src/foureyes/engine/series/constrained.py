"""Groups that grow by joining and never hold what a person has ruled apart. Knows numbers, not media."""

from __future__ import annotations

from collections.abc import Iterable


class ConstrainedGroups:
    """Union-find over 0 to count - 1, with rulings that keep sides apart, whatever path would join them."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count
        self._sides: dict[int, set[int]] = {}
        self._rulings = 0

    def root(self, item: int) -> int:
        """The item that stands for the group."""
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def size(self, item: int) -> int:
        """How many are in the item's group."""
        return self._size[self.root(item)]

    def together(self, a: int, b: int) -> bool:
        """Whether both are in one group."""
        return self.root(a) == self.root(b)

    def may_join(self, a: int, b: int) -> bool:
        """Whether no ruling keeps the two groups apart."""
        left, right = self._sides.get(self.root(a)), self._sides.get(self.root(b))
        if not left or not right or self.together(a, b):
            return True
        fewer, more = sorted((left, right), key=len)
        return not any(side ^ 1 in more for side in fewer)

    def join(self, a: int, b: int) -> bool:
        """Make one group of two; False where a ruling keeps them apart."""
        if not self.may_join(a, b):
            return False
        a, b = self.root(a), self.root(b)
        if a == b:
            return True
        if (self._size[a], -a) < (self._size[b], -b):
            a, b = b, a
        self._parent[b] = a
        self._size[a] += self._size[b]
        if b in self._sides:
            self._sides.setdefault(a, set()).update(self._sides.pop(b))
        return True

    def keep_apart(self, left: Iterable[int], right: Iterable[int]) -> bool:
        """Rule that no group may hold one of `left` and one of `right`; False where one does already."""
        roots = [{self.root(item) for item in side} for side in (left, right)]
        if roots[0] & roots[1]:
            return False
        for side, members in enumerate(roots):
            for root in members:
                self._sides.setdefault(root, set()).add(2 * self._rulings + side)
        self._rulings += 1
        return True

    def groups(self) -> list[list[int]]:
        """All groups of two and more, members rising, by their first member."""
        members: dict[int, list[int]] = {}
        for item in range(len(self._parent)):
            members.setdefault(self.root(item), []).append(item)
        return sorted(group for group in members.values() if len(group) > 1)
