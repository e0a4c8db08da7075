"""Which views are meant: by the name or number under which they were saved, or by a link."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from pipeline.errors import BundleError, SettingsError
from pipeline.link_parameters import Parameters
from pipeline.request import ComparisonRequest
from pipeline.saved_views import MOST_VIEWS, PAGES, SavedView, SavedViews
from pipeline.similarity.measure import MEASURES
from pipeline.view_parameters import requests_of, todays

_FIRST_PAGE: Final = "compare"
_OTHERS: Final = ("overview", "views", "library", "jobs", "storage", "help")


@dataclass(frozen=True)
class ChosenView:
    """A view that is to be published.

    Attributes
    ----------
    page, name, note : str
    saved_at_s : float
        Seconds since the epoch; of a link, now.
    parameters : mapping of str to str or list of str
        Of its link, as today's links write them.
    requests : tuple of ComparisonRequest
        What it shows.
    """

    page: str
    name: str
    note: str
    saved_at_s: float
    parameters: Parameters
    requests: tuple[ComparisonRequest, ...]


def choose_views(said: Iterable[str], views: SavedViews) -> tuple[ChosenView, ...]:
    """Return the views that are named, each once, in the order in which they are.

    Parameters
    ----------
    said : iterable of str
        Each the name of a saved view, in any case, its number, or a link as Copy link writes it.
    views : SavedViews

    Raises
    ------
    BundleError
        If one is not there, several have its name, or a link shows no comparison or recording.
    """
    saved, _ = views.search("", MOST_VIEWS)
    now_s = time.time()
    chosen = [_choose(text.strip(), saved, now_s) for text in said]
    return tuple({(each.page, repr(each.parameters)): each for each in chosen}.values())


def _choose(text: str, saved: Sequence[SavedView], now_s: float) -> ChosenView:
    named = [view for view in saved if view.name.casefold() == text.casefold()]
    if len(named) > 1:
        numbers = ", ".join(str(view.id) for view in named)
        raise BundleError(
            f"{len(named)} views are named {text!r}; name one by its number: {numbers}"
        )
    numbered = [view for view in saved if str(view.id) == text]
    for view in (*named, *numbered):
        requests, told = _read(text, view.page, view.parameters)
        return ChosenView(view.page, view.name, view.note, view.saved_at_s, told, requests)
    if "=" in text:
        return _linked(text, saved, now_s)
    known = "; ".join(f"{view.id}: {view.name}" for view in saved[::-1]) or "none"
    raise BundleError(
        f"there is no saved view {text!r}; name one of these, or give a link (Copy link): {known}"
    )


def _linked(text: str, saved: Sequence[SavedView], now_s: float) -> ChosenView:
    parts = urlsplit(text if "?" in text else f"?{text}")
    told = parse_qs(parts.query)
    last = parts.path.rstrip("/").rpartition("/")[2]
    if last == "views" and told.get("view"):
        return _choose(told["view"][0], saved, now_s)
    if last in _OTHERS:
        raise BundleError(
            f"{text}: the page {last} shows no view of its own; give links of {', '.join(PAGES)}"
        )
    page = last if last in PAGES else _FIRST_PAGE
    parameters = {name: of if len(of) > 1 else of[0] for name, of in told.items()}
    requests, today = _read(text, page, parameters)
    return ChosenView(page, _named(page, requests), "", now_s, today, requests)


def _read(
    text: str, page: str, parameters: Parameters
) -> tuple[tuple[ComparisonRequest, ...], Parameters]:
    """Return what a view shows, and its parameters as today's links write them."""
    try:
        return requests_of(page, parameters), todays(parameters)
    except SettingsError as error:
        raise BundleError(f"the view {text!r} cannot be read: {error}") from error


def _named(page: str, requests: Sequence[ComparisonRequest]) -> str:
    """Return what a link without a name is called."""
    first = requests[0]
    if page == "alignments":
        return f"A recording of {first.corpus}, by {first.model_a}"
    title = MEASURES[first.measure].title if first.measure in MEASURES else first.measure
    more = f", and {len(requests) - 1} more" if len(requests) > 1 else ""
    return f"{first.model_a} × {first.model_b}, {title}{more}"
