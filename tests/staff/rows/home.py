from tests.staff.matrix import EVERYBODY, Staff, in_office

ROWS = {
    "staff_home": Staff(get=EVERYBODY),
    "staff_office": Staff(get=EVERYBODY, kwargs=in_office),
}
