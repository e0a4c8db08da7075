"""Who looks at the page: a badge with their role, the way in and out, and what a stranger sees."""

import streamlit as st

from dashboard import access, loading

_ICONS = {
    access.Role.VIEWER: ":material/visibility:",
    access.Role.ANALYST: ":material/science:",
    access.Role.ADMIN: ":material/shield_person:",
}


def show_badge() -> None:
    """Show who looks at the page, and the way out; nothing where there is one person only."""
    mode, role = access.read_access().mode, access.role()
    if mode == "local" or role is None:
        return
    with st.container(key="visitor", gap="xsmall"):
        st.badge(role.title, icon=_ICONS[role], color="blue" if role > 1 else "gray")
        if mode == "read-only":
            shown = loading.bundle()
            st.caption(
                "This server shows what is there; nothing is computed here."
                if shown is None
                else shown.said
            )
        else:
            st.text(access.visitor())
            st.button(
                "Sign out",
                icon=":material/logout:",
                type="tertiary",
                on_click=st.logout,
                key="sign-out",
            )


def show() -> None:
    """Show a stranger the way in, and somebody without a role whom to ask."""
    reason = access.why_not_signed_in()
    with st.container(border=True, horizontal_alignment="center", key="sign-in-card"):
        st.space("medium")
        if reason is None:
            _show_no_role()
        else:
            st.markdown("## :material/lock: Sign in", width="content")
            st.caption(reason, width="content")
            st.button("Sign in", type="primary", on_click=st.login, key="sign-in")
        st.space("medium")


def _show_no_role() -> None:
    st.markdown("## :material/person_off: You have no role here", width="content")
    st.text(f"You are signed in as {access.visitor()}.", width="content")
    st.text(f"Ask {access.read_access().contact} for a role, then sign in anew.", width="content")
    st.button("Sign out", icon=":material/logout:", on_click=st.logout, key="sign-out")
