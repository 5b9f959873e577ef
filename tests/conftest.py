"""What all tests share."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_tests(tmp_path_factory):
    """Keep executed notebooks away from the cache of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COSTCHECK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
