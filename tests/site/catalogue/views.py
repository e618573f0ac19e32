"""The two endpoints of the site instruction: products as JSON, and files."""
import hashlib
import json
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from . import access, files, products
from .models import Exchange, Upload


@csrf_exempt
@require_POST
def sync(request):
    """`{"token", "products"}`: 200 all taken, 207 some, 400 none or unreadable, 401 wrong token."""
    try:
        body = request.body
    except RequestDataTooBig:
        return failure(413, f"Тело запроса больше {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} байт")
    except UnreadablePostError:
        return failure(400, "Тело запроса оборвано")
    if not access.header_is_right(request):
        return failure(401, "Неверный токен в заголовке X-API-Key")
    try:
        data = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=refuse_constant)
    except ValueError as error:
        return failure(400, f"Тело запроса не JSON: {error}")
    if not isinstance(data, dict):
        return failure(400, "Тело запроса должно быть объектом")
    if not access.token_is_right(data.get("token")):
        return failure(401, "Неверный токен в теле запроса")
    items = data.get("products")
    if not isinstance(items, list) or not items:
        return failure(400, "products должен быть непустым массивом")
    return once(request, body, lambda exchange: products.store(items))


@csrf_exempt
@require_POST
def upload(request):
    """A file in multipart/form-data: its products are taken as in `sync`."""
    if not access.header_is_right(request):
        return failure(401, "Неверный токен в заголовке X-API-Key")
    try:
        received = list(request.FILES.items())
    except UnreadablePostError:
        return failure(400, "Тело запроса оборвано")
    if len(received) != 1:
        return failure(400, f"Нужен ровно один файл, получено: {len(received)}")
    field, file = received[0]
    data = file.read()
    try:
        items = files.read_products(file.name, data)
    except files.Unreadable as reason:
        return failure(400, f"Файл {file.name}: {reason}")
    if not items:
        return failure(400, f"Файл {file.name}: товаров нет")

    def apply(exchange):
        file.seek(0)
        digest = hashlib.sha256(data).hexdigest()
        Upload.objects.create(
            exchange=exchange, field=field, name=file.name, stored=file, size=len(data), sha256=digest
        )
        return products.store(items)

    return once(request, data, apply)


def once(request, body, apply):
    """Applies a request once. A repetition under the same Idempotency-Key gets the stored answer.

    The key is written in the same transaction as the products, so either both are there or neither.
    """
    key = request.headers.get("Idempotency-Key") if settings.HONOUR_IDEMPOTENCY_KEY else None
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        known = Exchange.objects.filter(key=key).first() if key else None
        if known is not None:
            if known.body_sha256 != digest:
                return failure(422, "Этот Idempotency-Key уже был у другого запроса")
            known.replays += 1
            known.save(update_fields=["replays"])
            return reply(known.status, known.answer)
        exchange = Exchange.objects.create(
            path=request.path, key=key, body_sha256=digest, body_bytes=len(body), status=0, answer={}
        )
        outcome = apply(exchange)
        exchange.status, exchange.answer = outcome.http_status(), outcome.answer()
        exchange.created, exchange.updated = outcome.created, outcome.updated
        exchange.refused = len(outcome.errors)
        exchange.save()
    return reply(exchange.status, exchange.answer)


def refuse_constant(name):
    raise ValueError(f"{name} не число JSON")


def reply(status, answer):
    return JsonResponse(answer, status=status, json_dumps_params={"ensure_ascii": False})


def failure(status, message):
    return reply(status, {"status": "error", "message": message})


def bad_request(request, exception):
    return failure(400, "Неверный запрос")


def not_found(request, exception):
    return failure(404, "Нет такого адреса")


def server_error(request):
    return failure(500, "Внутренняя ошибка сервера")
