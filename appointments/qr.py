"""The signed receipt of an appointment as a QR code."""

import io
from urllib.parse import urlencode

import segno

from appointments import links
from appointments.models import Appointment
from appointments.visits import receipt_token


def qr_svg(appointment: Appointment) -> bytes:
    """The receipt as a link to the page that checks it; a door without a network reads the receipt in the link."""
    address = f"{links.public_url('receipt_check')}?{urlencode({'r': receipt_token(appointment)})}"
    out = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(out, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True, light="#fff", border=4)
    return out.getvalue()
