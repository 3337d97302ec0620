"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil
import unittest

import eventure


def load_tests(loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str) -> unittest.TestSuite:
    """See unittest: all modules of the package."""
    for module in pkgutil.iter_modules(eventure.__path__):
        if module.name != "_eventure":
            tests.addTests(doctest.DocTestSuite(importlib.import_module(f"eventure.{module.name}")))
    tests.addTests(doctest.DocTestSuite(eventure))
    return tests


if __name__ == "__main__":
    unittest.main()
