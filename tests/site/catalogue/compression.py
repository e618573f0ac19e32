"""Bodies sent with Content-Encoding: gzip. WSGI servers hand them over as they came."""
import io
import zlib

from django.conf import settings
from django.http import JsonResponse


class GunzipRequest:
    """Replaces a compressed body by the plain one, within the limit for bodies."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        encoding = request.headers.get("Content-Encoding", "").strip().lower()
        if encoding in ("", "identity"):
            return self.get_response(request)
        if encoding != "gzip":
            return JsonResponse({"status": "error", "message": f"Content-Encoding {encoding} не поддерживается"}, status=415)
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        inflater = zlib.decompressobj(wbits=31)
        try:
            plain = inflater.decompress(request.body, limit + 1)
        except zlib.error as error:
            return JsonResponse({"status": "error", "message": f"Тело не распаковано: {error}"}, status=400)
        if len(plain) > limit:
            return JsonResponse({"status": "error", "message": "Тело запроса слишком велико"}, status=413)
        if not inflater.eof:
            return JsonResponse({"status": "error", "message": "Сжатое тело оборвано"}, status=400)
        del request.META["HTTP_CONTENT_ENCODING"]
        request.META["CONTENT_LENGTH"] = str(len(plain))
        request._body = plain
        request._stream = io.BytesIO(plain)
        return self.get_response(request)
