"""Pure: which days the calendars of both countries propose as holidays. Staff decide what an office does on them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays as library
from django.utils.translation import get_language

MEXICO, UNITED_STATES = "MX", "US"


@dataclass(frozen=True)
class Holiday:
    """``origin`` is MX, US, or a state such as TX; names in both languages."""

    day: date
    name_es: str
    name_en: str
    origin: str

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "es").startswith("en") else self.name_es


@lru_cache(maxsize=256)
def _proposed_in(year: int, state: str) -> tuple[Holiday, ...]:
    """One for each day: Mexico's name first, then the federal one, then the state's."""
    found: dict[date, Holiday] = {}
    calendars = [(MEXICO, MEXICO, None), (UNITED_STATES, UNITED_STATES, None), (state, UNITED_STATES, state)]
    for origin, country, subdivision in calendars if state else calendars[:2]:
        if subdivision and subdivision not in library.US.subdivisions:
            continue
        # The library has no Spanish for the holidays of the United States.
        spanish = library.country_holidays(country, years=year, subdiv=subdivision, language="es")
        english = library.country_holidays(country, years=year, subdiv=subdivision, language="en_US")
        for day, name in sorted(english.items()):
            if day.year == year:
                found.setdefault(day, Holiday(day, _in_spanish(spanish.get(day, name)), name, origin))
    return tuple(found[day] for day in sorted(found))


def proposed(*, first: date, last: date, state: str) -> list[Holiday]:
    """The federal holidays of Mexico and of the United States and those of ``state``, both days included."""
    years = range(first.year, last.year + 1)
    return [found for year in years for found in _proposed_in(year, state) if first <= found.day <= last]


def is_federal(day: date) -> bool:
    """A holiday of either country as a whole."""
    return any(found.day == day for found in _proposed_in(day.year, ""))


def _in_spanish(name: str) -> str:
    parts = []
    for part in name.split("; "):
        observed = part.endswith(" (observed)")
        plain = part.removesuffix(" (observed)")
        parts.append(SPANISH.get(plain, plain) + (" (se guarda)" if observed else ""))
    return "; ".join(parts)


SPANISH = {
    "New Year's Day": "Año Nuevo",
    "Martin Luther King Jr. Day": "Día de Martin Luther King Jr.",
    "Washington's Birthday": "Natalicio de Washington",
    "Presidents' Day": "Día de los Presidentes",
    "Memorial Day": "Día de los Caídos",
    "Juneteenth National Independence Day": "Día de la Emancipación (Juneteenth)",
    "Independence Day": "Día de la Independencia de los Estados Unidos",
    "Labor Day": "Día del Trabajo de los Estados Unidos",
    "Columbus Day": "Día de la Raza (Columbus Day)",
    "Indigenous Peoples' Day": "Día de los Pueblos Indígenas",
    "Veterans Day": "Día de los Veteranos",
    "Thanksgiving Day": "Día de Acción de Gracias",
    "Thanksgiving": "Día de Acción de Gracias",
    "Day After Thanksgiving": "Viernes después de Acción de Gracias",
    "Friday After Thanksgiving": "Viernes después de Acción de Gracias",
    "Christmas Day": "Navidad",
    "Christmas Eve": "Nochebuena",
    "Day After Christmas": "Día después de Navidad",
    "New Year's Eve": "Víspera de Año Nuevo",
    "Good Friday": "Viernes Santo",
    "Cesar Chavez Day": "Día de César Chávez",
    "Election Day": "Día de elecciones",
    "Inauguration Day": "Toma de posesión presidencial",
    "Emancipation Day": "Día de la Emancipación",
    "Emancipation Day In Texas": "Día de la Emancipación en Texas",
    "Texas Independence Day": "Día de la Independencia de Texas",
    "San Jacinto Day": "Día de San Jacinto",
    "Confederate Memorial Day": "Día conmemorativo confederado",
    "Lyndon Baines Johnson Day": "Día de Lyndon B. Johnson",
    "Lincoln's Birthday": "Natalicio de Lincoln",
    "Susan B. Anthony Day": "Día de Susan B. Anthony",
    "Patriots' Day": "Día de los Patriotas",
    "Mardi Gras": "Martes de Carnaval",
    "Pioneer Day": "Día de los Pioneros",
    "Arbor Day": "Día del Árbol",
    "President's Day": "Día de los Presidentes",
    "Presidents Day": "Día de los Presidentes",
    "Native Americans' Day": "Día de los Pueblos Originarios",
    "Native American Heritage Day": "Día de la Herencia de los Pueblos Originarios",
    "American Indian Heritage Day": "Día de la Herencia de los Pueblos Originarios",
    "Indigenous Peoples' Day / Columbus Day": "Día de los Pueblos Indígenas / Día de la Raza",
    "Martin Luther King Jr. / Idaho Human Rights Day": "Día de Martin Luther King Jr. y de los Derechos Humanos",
    "Martin Luther King Jr.'s Birthday": "Natalicio de Martin Luther King Jr.",
    "Dr. Martin Luther King Jr. / Civil Rights Day": "Día de Martin Luther King Jr. y de los Derechos Civiles",
    "Lincoln/Washington Presidents' Day": "Día de los Presidentes",
    "Lincoln's and Washington's Birthdays": "Natalicios de Lincoln y Washington",
    "Nevada Day": "Día de Nevada",
    "Alaska Day": "Día de Alaska",
    "Seward's Day": "Día de Seward",
    "Statehood Day": "Día de la Estadidad",
    "Truman Day": "Día de Truman",
    "Frances Xavier Cabrini Day": "Día de Francisca Javier Cabrini",
    "Casimir Pulaski Day": "Día de Casimir Pulaski",
    "Primary Election Day": "Día de elecciones primarias",
    "State Holiday": "Día festivo estatal",
    "Easter Monday": "Lunes de Pascua",
    "Three Kings Day": "Día de Reyes",
    "Constitution Day": "Día de la Constitución",
    "Native American Day": "Día de los Pueblos Originarios",
}
