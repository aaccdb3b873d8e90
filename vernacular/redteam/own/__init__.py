"""The project's own suites: their texts, as JSON in `vernacular.redteam.suites`, put together to cases."""
