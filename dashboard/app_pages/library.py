"""Library: which corpora and which models are there, and how sound and how large are they?"""

import streamlit as st

from dashboard import access, loading, selection
from dashboard.parts import (
    adding,
    corpora,
    corpus_problems,
    corpus_report,
    forced_alignment,
    messages,
    model_facts,
    models,
    page,
    sharing,
)
from pipeline.errors import LayerScopeError


def show_corpora() -> None:
    """Show the registered corpora, and the report on one."""
    with st.container(border=True, key="corpora-card"):
        if access.why_not("add a corpus") is None:
            with st.container(horizontal=True):
                adding.add_corpus()
                adding.fetch_corpus()
        corpora.show()
    with st.container(border=True, key="corpus-card"):
        left, right = st.columns([1, 2], vertical_alignment="bottom")
        with left:
            name = selection.choose_corpus(loading.corpus_names())
        corpus, report = loading.corpus(name), loading.report(name)
        with right:
            corpus_report.show_verdict(report)
        corpus_report.show(report)
        corpus_problems.show(corpus, report)
        st.caption("The page reads no recordings; this looks at every sample, on the server:")
        st.code(f"python -m pipeline corpora check {name} --audio", language=None)
    forced_alignment.show(name, corpus)


def show_models() -> None:
    """Show a search over all models, and all of one."""
    with st.container(border=True, key="models-card"):
        with st.container(horizontal=True):
            if access.why_not("add or remove a model") is None:
                adding.add_model()
            listed = loading.models()
            if access.why_not("see what the server says of its files") is None:
                models.show_unusable(listed.unusable)
        search = selection.search_models(listed.specs)
        found = {spec.name: spec for spec in listed.specs if search.finds(spec)}
        if not found:
            st.caption("No model fits; search for less.")
            return
        models.show(list(found.values()))
    with st.container(border=True, key="model-card"):
        column, _ = st.columns([1, 1])
        with column:
            name = selection.choose_listed(list(found))
        model_facts.show(found[name])


actions = page.heading("Library")
tabs = st.tabs(list(selection.TABS), key="tab", bind="query-params")
for title, tab, show in zip(selection.TABS, tabs, (show_corpora, show_models), strict=True):
    if not tab.open:
        continue
    with tab:
        try:
            show()
        except LayerScopeError as problem:
            messages.error(problem)
    with actions:
        sharing.copy_link(selection.library_parameters(title))
