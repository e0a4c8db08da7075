"""What a view is: typed values, their widgets, and their link.

Every widget is bound to a query parameter, so that the address bar always describes the view.
Streamlit leaves parameters at their default out of the address; `link` writes them all, so that
a shared link keeps its meaning when a default changes.
"""

from dashboard.selection.beside import MOST as MOST_BESIDE
from dashboard.selection.beside import (
    BesideView,
    add_pair,
    beside_parameters,
    choose_drawing,
    chosen_pairs,
    remove_pair,
)
from dashboard.selection.bound import number_below, side_by_side
from dashboard.selection.help import choose_cap, choose_size, help_parameters
from dashboard.selection.jobs import (
    KIND_TITLES,
    JobFilter,
    choose_jobs,
    select_job,
    selected_job,
    view_of,
)
from dashboard.selection.library import (
    TABS,
    choose_listed,
    library_parameters,
    search_models,
    search_problems,
)
from dashboard.selection.models import choose_corpus, choose_layer, choose_model
from dashboard.selection.overview import (
    OVERVIEW_TABS,
    ComparisonList,
    choose_list,
    choose_setting,
    overview_parameters,
    select_pair,
    selected_pair,
    view_of_cached,
)
from dashboard.selection.presets import choose_preset
from dashboard.selection.pruning import choose_pruning
from dashboard.selection.recordings import (
    choose_flag,
    choose_second_model,
    choose_speaker,
    choose_utterance,
    clear_search,
    search_word,
)
from dashboard.selection.rows import choose_rows
from dashboard.selection.saved import (
    saved_parameters,
    search_saved,
    select_view,
    selected_view,
)
from dashboard.selection.settings import choose_settings
from dashboard.selection.values import (
    ShownValues,
    choose_exchange,
    choose_measure,
    choose_subject,
    choose_values,
)
from dashboard.selection.views import (
    AlignmentView,
    CompareView,
    Parameters,
    WordsView,
    has_widgets,
    link,
    read_schema,
    with_schema,
    words_parameters,
)
from pipeline.view_parameters import comparison_parameters

__all__ = [
    "KIND_TITLES",
    "MOST_BESIDE",
    "OVERVIEW_TABS",
    "TABS",
    "AlignmentView",
    "BesideView",
    "CompareView",
    "ComparisonList",
    "JobFilter",
    "Parameters",
    "ShownValues",
    "WordsView",
    "add_pair",
    "beside_parameters",
    "choose_cap",
    "choose_corpus",
    "choose_drawing",
    "choose_exchange",
    "choose_flag",
    "choose_jobs",
    "choose_layer",
    "choose_list",
    "choose_listed",
    "choose_measure",
    "choose_model",
    "choose_preset",
    "choose_pruning",
    "choose_rows",
    "choose_second_model",
    "choose_setting",
    "choose_settings",
    "choose_size",
    "choose_speaker",
    "choose_subject",
    "choose_utterance",
    "choose_values",
    "chosen_pairs",
    "clear_search",
    "comparison_parameters",
    "has_widgets",
    "help_parameters",
    "library_parameters",
    "link",
    "number_below",
    "overview_parameters",
    "read_schema",
    "remove_pair",
    "saved_parameters",
    "search_models",
    "search_problems",
    "search_saved",
    "search_word",
    "select_job",
    "select_pair",
    "select_view",
    "selected_job",
    "selected_pair",
    "selected_view",
    "side_by_side",
    "view_of",
    "view_of_cached",
    "with_schema",
    "words_parameters",
]
