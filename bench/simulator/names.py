"""People who do not exist: Mexican names with a long tail, birth dates, and the CURP that follows from both.

The order of the tables is a guess at how common the names are, and the weights fall as in any register of names; they
were copied from none. The first ten surnames are the *common* ones of the measuring.
"""

from bisect import bisect
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from . import curp

words = curp.words
SURNAMES = words(
    "Hernández García Martínez López González Rodríguez Pérez Sánchez Ramírez Flores Cruz Gómez Morales Vázquez Reyes"
    " Jiménez Torres Díaz Gutiérrez Ruiz Mendoza Aguilar Ortiz Moreno Castillo Romero Álvarez Méndez Chávez Rivera"
    " Juárez Ramos Domínguez Herrera Medina Castro Vargas Guzmán Velázquez Muñoz Rojas Contreras Salazar Luna"
    " de_la_Cruz Ortega Guerrero Santiago Estrada Bautista Cortés Soto Alvarado Espinoza Ríos Lara Ávila Cervantes"
    " Silva Delgado Márquez Vega Carrillo Sandoval León Solís Ibarra Campos Cabrera Santos Núñez Rosas Valdez Padilla"
    " Maldonado Nava Navarro Mejía Rangel Salinas Molina Acosta Miranda Valencia Pacheco Robles Salas Camacho Cárdenas"
    " Zamora Peña Fuentes Valenzuela Trejo Suárez Orozco Calderón Meza Huerta Ayala Ochoa Montes Escobar Galván"
    " Serrano Barrera Franco Villanueva Leal Zavala Becerra Montoya Lozano Arias Corona Tapia Macías Velasco Andrade"
    " Gallegos Cano Osorio Beltrán Esquivel Arellano Duarte Cisneros Murillo Rosales Enríquez Villegas Bravo Quintero"
    " Rocha Palacios Benítez Marín Segura Bernal Correa Parra Avilés Figueroa Zúñiga Guerra Cortez Nieto Lugo Villa"
    " Félix Arroyo Santana Aguirre Magaña Ponce Vera Olvera Victoria Tovar Barajas Varela Cuevas Xolalpa Tzompantzi"
    " Chan Pech Canul Dzul Uc Ek Tun Mata Alcántara Alonso Amador Anaya Arce Arriaga Báez Ballesteros Bañuelos Bonilla"
    " Briones Burgos Bustamante Bustos Caballero Camarena Camarillo Carmona Carranza Carrasco Casas Castañeda Ceballos"
    " Cerda Chacón Colín Coronado Covarrubias Cordero Dávila de_León del_Ángel de_los_Santos Durán Elizondo Escalante"
    " Espejel Farías Fierro Gaona Garza Garnica Godínez Granados Hidalgo Híjar Hurtado Iglesias Jaimes Jasso Landeros"
    " Ledezma Lemus Limón Linares Lucero Madrigal Manzano Mares Mayorga Mercado Mireles Monroy Mora Moya Nájera"
    " Negrete Ocampo Olivares Ordaz Oropeza Pantoja Paredes Paz Perales Piña Pineda Portillo Prado Puente Quezada"
    " Quiroz Rentería Reséndiz Rico Rivas Rubio Saavedra Saldaña Sierra Sosa Tejeda Téllez Terán Toledo Trujillo Ulloa"
    " Urbina Uribe Valadez Valle Vallejo Venegas Vidal Villalobos Villaseñor Yáñez Zapata Zaragoza Zepeda Zárate"
)
WOMEN = words(
    "María Guadalupe Juana Margarita Verónica Rosa Leticia Patricia Alejandra Gabriela Elizabeth Araceli Silvia"
    " Martha Yolanda Adriana Claudia Ana Sandra Teresa Norma Alicia Carmen Josefina Francisca Laura Maribel Sofía"
    " Valentina Camila Ximena Fernanda Daniela Andrea Mariana Karla Karen Brenda Diana Jessica Paola Mónica Rocío"
    " Lorena Beatriz Irma Esther Gloria Blanca Angélica Isabel Lucía Julia Elena Regina Renata Natalia Fátima Abril"
    " Itzel Citlali Xóchitl Nayeli Berenice Marisol Esperanza Ofelia Graciela Socorro Concepción Elvira Eva Raquel"
    " Miriam Noemí Ruth Sara Victoria Ángela Luz Cecilia Cristina Delia Estela Hilda Ivonne Jazmín Liliana Magdalena"
    " Olivia Perla Rebeca Selene Susana Tania Viridiana Yesenia Zulema Dulce Evelyn Kimberly Ashley Emily Arely"
    " Melissa Romina Aitana Emilia Inés"
)
MEN = words(
    "José Juan Luis Carlos Jesús Antonio Francisco Miguel Manuel Jorge Alejandro Pedro Roberto Ricardo Fernando"
    " Javier Eduardo Daniel Raúl Sergio Mario Martín Rafael Arturo David Óscar Enrique Héctor Alberto Víctor Marco"
    " Gerardo Alfredo Armando Salvador Jaime Rubén Ramón Guillermo Gabriel Andrés Hugo Julio César Felipe Adrián Iván"
    " Omar Santiago Mateo Sebastián Leonardo Diego Emiliano Ángel Gael Axel Ian Emmanuel Kevin Brandon Cristian"
    " Jonathan Erick Alan Édgar Israel Ismael Abel Agustín Alfonso Benito Benjamín Bernardo Cirilo Domingo Efraín"
    " Emilio Ernesto Esteban Eugenio Fidel Fausto Gilberto Gonzalo Gregorio Ignacio Isaac Jacinto Joaquín Joel Lorenzo"
    " Lázaro Moisés Nicolás Noé Octavio Pablo Reynaldo Rodolfo Rodrigo Rogelio Román Samuel Saúl Simón Tomás Ulises"
    " Vicente Zacarías Dante"
)
TODAY = date(2026, 3, 2)


def falling(names: list[str], bend: float) -> tuple[list[str], list[float]]:
    weights = [1 / (rank + 3) ** bend for rank in range(len(names))]
    return [name.replace("_", " ") for name in names], list(accumulate(weights))


TABLES = {"S": falling(SURNAMES, 0.95), "F": falling(WOMEN, 0.75), "M": falling(MEN, 0.75)}
COMMON = frozenset(TABLES["S"][0][:10])


@dataclass(frozen=True, slots=True)
class Person:
    given: str
    first: str
    second: str
    born: str
    sex: str
    state: str
    curp: str | None = None

    @property
    def minor(self) -> bool:
        return self.born > f"{TODAY.year - 18}-{TODAY:%m-%d}"

    @property
    def common(self) -> bool:
        return self.first in COMMON

    def registered(self, twin: int = 0) -> str:
        return curp.derive(self.given, self.first, self.second, self.born, self.sex, self.state, twin)

    def as_applicant(self, guardian: bool = False) -> dict:
        return {
            "given_names": self.given,
            "surname_1": self.first,
            "surname_2": self.second,
            "birth_date": self.born,
            "sex": self.sex,
            "curp": self.curp,
            "minor": self.minor,
            "guardian": guardian and self.minor,
        }


def pick(rng: Random, table: str) -> str:
    names, sums = TABLES[table]
    return names[bisect(sums, rng.random() * sums[-1])]


def given_names(rng: Random, sex: str) -> str:
    first = pick(rng, sex)
    if rng.random() < (0.75 if first in {"María", "José"} else 0.3):
        second = pick(rng, sex)
        return first if second == first else f"{first} {second}"
    return first


def birth(rng: Random, youngest: int, oldest: int) -> str:
    days = rng.randint(youngest * 365 + youngest // 4 + 1, oldest * 365 + oldest // 4)
    return (TODAY - timedelta(days=days)).isoformat()


def person(
    rng: Random,
    ages: tuple[int, int] = (19, 78),
    *,
    first: str = "",
    second: str | None = None,
    sex: str = "",
    born: str = "",
    abroad: float = 0.03,
) -> Person:
    """Somebody of ``ages`` (years, both ends); given surnames are kept, and one in twenty has no second one."""
    sex = sex or rng.choice("FM")
    if second is None:
        second = "" if rng.random() < 0.05 else pick(rng, "S")
    state = "NE" if rng.random() < abroad else rng.choice(curp.STATES)
    return Person(given_names(rng, sex), first or pick(rng, "S"), second, born or birth(rng, *ages), sex, state)


def with_curp(rng: Random, one: Person, missing: float, slip: float = 0.0) -> Person:
    """The person as typed by an honest hand: often without CURP, seldom with a slip in it."""
    if rng.random() < missing:
        return one
    code = one.registered()
    if rng.random() < slip:
        place = rng.randint(4, 17)
        code = code[:place] + rng.choice("0123456789") + code[place + 1 :]
    return replace(one, curp=code)


def with_invented_curp(rng: Random, one: Person) -> Person:
    return replace(one, curp=curp.spoilt(rng, one.registered(), person(rng).registered()))


def misspelt(rng: Random, one: Person) -> Person:
    """The same person after a typing slip in the given name or one figure of the birth date."""
    if rng.random() < 0.25:
        day = int(one.born[8:])
        return replace(one, born=one.born[:8] + f"{day - day % 10 + (day + 1) % 10 or 1:02d}" if day < 28 else one.born)
    place = rng.randrange(1, len(one.given))
    return replace(one, given=one.given[:place] + rng.choice("aeionrst") + one.given[place + 1 :])
