from tests.staff.matrix import PLANNERS, Staff, in_office

ROWS = {"staff_freed": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office)}
