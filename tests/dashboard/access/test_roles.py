from dashboard.access.roles import LEAST_ROLE, Role


def test_viewers_need_no_right_for_what_is_harmless_and_have_no_other():
    assert Role.VIEWER not in LEAST_ROLE.values()
    assert {Role.ANALYST, Role.ADMIN} == set(LEAST_ROLE.values())
