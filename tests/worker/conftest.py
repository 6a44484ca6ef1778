"""The tests of this folder share a database of each kind."""

from tests.support.databases import package_database

module_database = package_database()
