"""The QR code that an authenticator reads, as a picture in the page itself."""

from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage
from qrcode.main import QRCode


def qr_code(text: str) -> SafeString:
    """Return a text as a QR code: an SVG element, drawn here from nothing but squares."""
    code = QRCode(image_factory=SvgPathImage, box_size=8)
    code.add_data(text)
    drawn: str = code.make_image().to_string(encoding="unicode")
    return mark_safe(drawn)  # noqa: S308 - our own drawing
