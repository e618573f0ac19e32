"""Who may write: the token of the settings, compared in constant time."""
from django.conf import settings
from django.utils.crypto import constant_time_compare


def token_is_right(token):
    """True for the shared token. Anything that is not a text is wrong."""
    return isinstance(token, str) and constant_time_compare(token, settings.API_TOKEN)


def header_is_right(request):
    """True if `X-API-Key` carries the token."""
    return token_is_right(request.headers.get("X-API-Key", ""))
