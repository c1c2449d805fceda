"""The packs that a cycle may be opened with: those that ship with this edition, and those of an agency's own folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from models.pack_check import tried
from models.pack_file import resolved
from models.policy import PolicyPack

SHIPPED = Path(__file__).parent / "policies"


class Shelf:
    """Packs by their ids. A file is named as the pack it holds; an agency's own takes no name of ours."""

    def __init__(self, own: Path | None = None) -> None:
        self._folders = (SHIPPED,) if own is None else (SHIPPED, own)

    def files(self) -> dict[str, Path]:
        """Each pack's file by its id, sorted; where two folders have the same name, ours holds."""
        found = {path.stem: path for folder in reversed(self._folders) for path in folder.glob("*.toml")}
        return dict(sorted(found.items()))

    def ids(self) -> list[str]:
        """The ids of all packs, sorted; whether a file of the agency's holds together is seen when it is loaded."""
        return list(self.files())

    def load(self, pack_id: str) -> PolicyPack:
        """The pack of that id, as its file is now. Raises `KeyError` where there is none, `ValueError` where it does not hold together."""
        files = self.files()
        if pack_id not in files:
            raise KeyError(pack_id)
        stamps = tuple((name, path, path.stat().st_mtime_ns, path.stat().st_size) for name, path in files.items())
        return _loaded(pack_id, stamps)


@lru_cache(maxsize=64)
def _loaded(pack_id: str, stamps: tuple[tuple[str, Path, int, int], ...]) -> PolicyPack:
    files = {name: path for name, path, *_ in stamps}
    pack = PolicyPack.model_validate(resolved(files[pack_id].read_text(encoding="utf-8"), files))
    if pack.id != pack_id:
        raise ValueError(f"the file {pack_id}.toml holds the pack {pack.id!r}")
    if files[pack_id].parent != SHIPPED and (found := tried(pack)):
        raise ValueError("; ".join(one.message for one in found))
    return pack


def load(pack_id: str) -> PolicyPack:
    """A pack that ships with this edition. Raises `KeyError` where there is none."""
    return Shelf().load(pack_id)


def pack_ids() -> list[str]:
    """The ids of the packs that ship with this edition, sorted."""
    return Shelf().ids()
