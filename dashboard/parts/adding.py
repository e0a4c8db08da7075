"""Add what lies on the server already: a corpus or a model, under a name; or how to fetch one."""

import streamlit as st

from dashboard import loading
from dashboard.parts import messages
from pipeline.corpus.fetching import SOURCES
from pipeline.corpus.fetching.disk_space import gigabytes
from pipeline.errors import CorpusError, LayerScopeError, ModelError

_MODEL_NAMES = (
    "`hf:FOLDER` (a Hugging Face model with safetensors), `glove:FILE` (word vectors in text "
    "form), `file:FILE` (vectors computed before: npz or safetensors), `beats:FILE`, "
    "`encodecmae:FILE`, `s3prl:hubert_local:FILE` and others of s3prl, `untrained:hf:FOLDER`"
)


def add_corpus() -> None:
    """Show the form that registers a corpus; the new one is selected."""
    with st.popover("Add a corpus", icon=":material/add:"):
        with st.form("add-corpus", border=False):
            name = st.text_input("Name", placeholder="a-z, 0-9, dot, hyphen, underscore")
            path = st.text_input("Folder or manifest", placeholder="path on the server")
            alignments = st.text_input("Folder of the alignments", placeholder="if elsewhere")
            wanted = st.form_submit_button("Add")
        if wanted:
            _add_corpus(name.strip(), path.strip(), alignments.strip())


def _add_corpus(name: str, path: str, alignments: str) -> None:
    try:
        if not path:
            raise CorpusError("expected the folder of a corpus, or a manifest; write its path")
        corpus = loading.add_corpus(name, path, alignments)
    except LayerScopeError as problem:
        messages.refusal(problem)
        return
    st.session_state["corpus"] = name
    lacking = f", {len(corpus.unaligned):,} lack an alignment" if corpus.unaligned else ""
    messages.success(f"{name}: {len(corpus.utterances):,} utterances registered{lacking}")


def fetch_corpus() -> None:
    """Show how a public corpus is fetched, and how large it is."""
    with st.popover("Fetch a known corpus", icon=":material/download:"):
        sources = {source.name: source for source in SOURCES}
        source = sources[st.selectbox("Known corpus", list(sources), key="known")]
        st.code(f"python -m pipeline corpora fetch {source.name}", language=None)
        if source.corpus in loading.corpus_names():
            messages.success(f"It is registered already, as {source.corpus}.")
        st.caption(
            f"Run it on the server. It downloads {gigabytes(source.audio.size_bytes)} of "
            f"recordings and {gigabytes(source.alignments.size_bytes)} of alignments (once for all "
            f"parts), checks them and registers {source.corpus}."
        )
        st.caption(source.licence)


def add_model() -> None:
    """Show the form that adds a model of this machine; the new one is selected."""
    with st.popover("Add a local model", icon=":material/add:"):
        with st.form("add-model", border=False):
            name = st.text_input("Name", placeholder="hf:/models/bert", key="new-model")
            st.caption(f"KIND:PATH, with a path on the server: {_MODEL_NAMES}.")
            wanted = st.form_submit_button("Add")
        if wanted:
            _add_model(name.strip())


def _add_model(name: str) -> None:
    try:
        if not name:
            raise ModelError("expected KIND:PATH, such as hf:/models/bert")
        with st.spinner("Reading the model's files"):
            spec = loading.add_model(name)
    except LayerScopeError as problem:
        messages.refusal(problem)
        return
    # A search that does not find it would hide it.
    st.session_state.update({"model": spec.name, "find": "", "family": "Any", "reads": "Any"})
    messages.success(f"{spec.name} is in the menus now")
