import itertools

import pytest

from dashboard.access import Role
from dashboard.access.policy import Access

NOW_S = 1_000_000_000.0
OPEN = Access(
    mode="oidc",
    people={
        Role.ADMIN: ("Ada@Lab.org",),
        Role.ANALYST: ("group:phonetics", "kate@lab.org"),
        Role.VIEWER: ("group:guests",),
    },
)


def role(access=OPEN, **claims):
    return access.role_of({"is_logged_in": True, "iat": NOW_S, **claims}, NOW_S + 60)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "ada@lab.org"}, Role.ADMIN),
        ({"email": "ADA@LAB.ORG", "email_verified": True}, Role.ADMIN),
        ({"email": "ada@lab.org", "email_verified": "true"}, Role.ADMIN),
        ({"email": "ada@lab.org", "email_verified": False}, None),
        ({"email": "ada@lab.org", "email_verified": "false"}, None),
        ({"email": "ada@lab.org", "email_verified": None}, None),
        ({"email": "ada@lab.org.evil.example"}, None),
        ({"email": " ada@lab.org"}, None),
        ({"email": "eva@lab.org", "groups": ["guests", "phonetics"]}, Role.ANALYST),
        ({"email": "eva@lab.org", "groups": "guests"}, Role.VIEWER),
        ({"email": "eva@lab.org", "groups": ["Phonetics"]}, None),
        ({"email": "eva@lab.org", "groups": [["phonetics"], None, 3]}, None),
        ({"email": "eva@lab.org", "groups": 3}, None),
        ({"email": "eva@lab.org", "roles": ["phonetics"]}, None),
        ({}, None),
        # A Kelvin sign lower-cases to k, and a dotless i is no i.
        ({"email": "\N{KELVIN SIGN}ate@lab.org"}, None),
        ({"email": "ad\N{CYRILLIC SMALL LETTER A}@lab.org"}, None),
        # What looks like a group or like everybody is not one.
        ({"email": "group:phonetics"}, None),
        ({"email": "group:phonetics@lab.org"}, None),
        ({"email": "*"}, None),
        ({"email": ["ada@lab.org"]}, None),
    ],
)
def test_addresses_and_groups_give_the_highest_role(claims, expected):
    assert role(**claims) == expected


def test_everybody_who_signs_in_may_have_a_role_and_nobody_else():
    access = Access(mode="oidc", people={Role.VIEWER: ("*",), Role.ADMIN: ("ada@lab.org",)})
    assert role(access, sub="someone") == Role.VIEWER
    assert role(access, email="ada@lab.org") == Role.ADMIN
    assert access.role_of({}, NOW_S) is None
    assert role(access, is_logged_in=False) is None
    assert role(access, is_logged_in="yes") is None


def test_groups_may_be_in_another_claim():
    access = Access(mode="oidc", people={Role.ANALYST: ("group:a",)}, groups_claim="roles")
    assert role(access, roles=["a"]) == Role.ANALYST
    assert role(access, groups=["a"]) is None


@pytest.mark.parametrize(
    ("age_s", "signed_in"),
    [(0, True), (12 * 3600 - 1, True), (12 * 3600, False), (-60, True), (-3600, False)],
)
def test_a_session_ends(age_s, signed_in):
    claims = {"is_logged_in": True, "iat": NOW_S, "email": "ada@lab.org"}
    assert OPEN.is_signed_in(claims, NOW_S + age_s) == signed_in
    assert (OPEN.role_of(claims, NOW_S + age_s) is not None) == signed_in


def test_a_session_without_a_beginning_has_ended():
    for issued in ({}, {"iat": None}, {"iat": "now"}):
        assert not OPEN.is_signed_in({"is_logged_in": True, **issued}, NOW_S)


def test_a_higher_role_is_a_greater_number():
    assert all(a < b for a, b in itertools.pairwise([Role.VIEWER, Role.ANALYST, Role.ADMIN]))
