import inspect

from cache import errors


def test_every_error_is_a_cache_error_and_stands_in_the_tree():
    classes = [found for _, found in inspect.getmembers(errors, inspect.isclass)]
    assert len(classes) == 3
    for error in classes:
        assert issubclass(error, errors.CacheError)
        assert f"{error.__name__}" in errors.__doc__
