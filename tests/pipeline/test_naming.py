import pytest

from pipeline.errors import SettingsError
from pipeline.naming import named


def test_what_has_no_such_name_is_refused_with_the_names_that_there_are():
    with pytest.raises(SettingsError, match="no colour 'rd'; choose one of red, green"):
        named({"red": 1, "green": 2}, "rd", "colour")
