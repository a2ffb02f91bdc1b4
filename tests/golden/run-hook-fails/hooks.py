"""A hook that fails."""

from runner import hook


@hook
def get_weather(location: str) -> str:
    """Weather of a place."""
    message = f"no weather in {location}"
    raise LookupError(message)
