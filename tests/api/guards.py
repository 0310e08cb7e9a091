from appointments.guards import BookingRefused


def refuse_everything(attempt):
    raise BookingRefused("step_up")
