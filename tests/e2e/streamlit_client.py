"""A visitor without a browser, who sends Streamlit whatever messages they like."""

from collections.abc import Mapping

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

# Five hundred others may come first, on a machine that others use too.
PATIENCE_S = 300.0


class Client:
    """One session of the dashboard."""

    def __init__(self, url: str) -> None:
        self._connection = connect(
            f"{url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],
            origin=url,
            max_size=None,
        )
        self._socket = self._connection.__enter__()
        self.pages: dict[str, str] = {}
        self.elements: dict[str, object] = {}

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self._connection.__exit__(*details)

    def follow(self, place: str, query: str) -> "Client":
        """Open a link to a page by its place, as the first thing of the session."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = place
        self._run(message)
        return self

    def open(self, page: str, query: str = "") -> "Client":
        """Go to a page, and note its elements by their keys or labels."""
        if not self.pages:
            self._run(BackMsg())
        return self.send(page, query, {})

    def send(self, page: str, query: str, values: Mapping[str, object]) -> "Client":
        """Let the page run with values of widgets, by their ids; True is a click."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_script_hash = self.pages[page]
        for widget, value in values.items():
            state = message.rerun_script.widget_states.widgets.add(id=widget)
            if value is True:
                state.trigger_value = True
            else:
                state.string_value = str(value)
        self.elements.clear()
        self._run(message)
        return self

    def _run(self, message: BackMsg) -> None:
        message.rerun_script.SetInParent()
        self._socket.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(self._socket.recv(timeout=PATIENCE_S))
            kind = told.WhichOneof("type")
            if kind == "navigation":
                self.pages = {
                    p.url_pathname or "compare": p.page_script_hash
                    for p in told.navigation.app_pages
                }
            elif kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                self._note(told.delta.new_element)
            elif kind == "script_finished":
                return

    def _note(self, element) -> None:
        kind = element.WhichOneof("type")
        drawn = getattr(element, kind)
        if getattr(drawn, "id", "").startswith("$$ID-"):
            key = drawn.id.split("-", 2)[2]
            self.elements[drawn.label if key == "None" else key] = drawn
        elif kind == "exception":
            self.elements["exception"] = drawn
