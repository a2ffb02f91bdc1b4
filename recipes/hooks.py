"""Functions that the recipes' models may call."""

from typing import Literal

from runner import hook

WEATHER = {"Paris": (18, "light rain"), "Amsterdam": (14, "wind"), "Bogotá": (19, "clouds")}


@hook
def get_weather(location: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> dict:
    """Current temperature for a place.

    Args:
        location: City and country, e.g. Bogotá, Colombia.
        unit: The unit of the temperature.
    """
    city = location.partition(",")[0].strip()
    celsius, sky = WEATHER.get(city, (20, "clear"))
    temperature = celsius if unit == "celsius" else round(celsius * 9 / 5 + 32)
    return {"location": location, "temperature": temperature, "unit": unit, "sky": sky}
