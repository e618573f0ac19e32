"""Products of a request: checked one by one, written by sku. The rules are those of an ordinary shop."""
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.conf import settings

from .models import Characteristic, Product


class Refused(Exception):
    """A product that the shop does not take, with the reason for the person in front of 1C."""


@dataclass
class Outcome:
    """What became of the products of one request."""

    created: int = 0
    updated: int = 0
    errors: list = field(default_factory=list)

    @property
    def processed(self):
        return self.created + self.updated

    def answer(self):
        """The answer of the instruction: status, processed, created, updated, errors."""
        status = "success" if not self.errors else "partial" if self.processed else "error"
        return {
            "status": status,
            "processed": self.processed,
            "created": self.created,
            "updated": self.updated,
            "errors": self.errors,
        }

    def http_status(self):
        """200 for all, 207 for some, 400 for none."""
        return {"success": 200, "partial": 207, "error": 400}[self.answer()["status"]]

    def refuse(self, position, sku, reason):
        if settings.ERROR_FORM == "objects":
            self.errors.append({"sku": sku, "index": position - 1, "message": reason})
        elif sku:
            self.errors.append(f"Товар {sku}: {reason}")
        else:
            self.errors.append(f"Товар №{position}: {reason}")


def store(items):
    """Writes the good products of `items` and says what became of each. Runs inside the caller's transaction."""
    outcome = Outcome()
    skus = {item.get("sku") for item in items if isinstance(item, dict) and isinstance(item.get("sku"), str)}
    known = {}
    for part in in_parts(sorted(skus), 500):
        known.update(Product.objects.in_bulk(part, field_name="sku"))
    for position, item in enumerate(items, start=1):
        sku = item.get("sku") if isinstance(item, dict) else None
        try:
            columns, characteristics = check(item)
        except Refused as reason:
            outcome.refuse(position, sku if isinstance(sku, str) else "", str(reason))
            continue
        if sku in known:
            update(known[sku], columns, characteristics)
            outcome.updated += 1
        else:
            known[sku] = create(columns, characteristics)
            outcome.created += 1
    return outcome


def check(item):
    """The columns of a product and its characteristics, or Refused."""
    if not isinstance(item, dict):
        raise Refused("товар должен быть объектом")
    columns = {
        "sku": text(item, "sku", 200, required=True),
        "name": text(item, "name", 500, required=True),
        "price": number(item, "price", required=True, negative=False),
    }
    if "old_price" in item:
        columns["old_price"] = number(item, "old_price", negative=False)
    if "stock" in item:
        columns["stock"] = number(item, "stock")
    if "category" in item:
        columns["category"] = text(item, "category", 500)
    if "description" in item:
        columns["description"] = text(item, "description", None)
    if "is_active" in item:
        columns["is_active"] = flag(item, "is_active")
    return columns, pairs(item)


def create(columns, characteristics):
    row = Product.objects.create(**columns)
    describe(row, characteristics or [])
    return row


def update(row, columns, characteristics):
    """Fields that the request does not mention stay as they were, characteristics too."""
    for column, value in columns.items():
        setattr(row, column, value)
    row.revision += 1
    row.save()
    if characteristics is not None:
        row.characteristics.all().delete()
        describe(row, characteristics)


def describe(row, characteristics):
    Characteristic.objects.bulk_create(
        Characteristic(product=row, position=position, name=name, value=value)
        for position, (name, value) in enumerate(characteristics)
    )


def in_parts(items, size):
    return (items[start : start + size] for start in range(0, len(items), size))


def text(item, key, limit, required=False):
    value = item.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise Refused(f"{key} должен быть строкой" if key in item else f"не указан {key}")
    if required and not value.strip():
        raise Refused(f"не указан {key}")
    if limit is not None and len(value) > limit:
        raise Refused(f"{key} длиннее {limit} символов")
    return value


def number(item, key, required=False, negative=True):
    value = item.get(key)
    if value is None and not required:
        return None
    # JSON numbers arrive as Decimal or int (see views); a text with a number is not a number for this shop.
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Refused(f"{key} должен быть числом" if key in item else f"не указан {key}")
    try:
        value = Decimal(value)
    except InvalidOperation:
        raise Refused(f"{key} должен быть числом") from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
        raise Refused(f"{key} слишком велик")
    if not negative and value < 0:
        raise Refused(f"{key} не может быть отрицательным")
    return value


def flag(item, key):
    value = item.get(key)
    if not isinstance(value, bool):
        raise Refused(f"{key} должен быть true или false")
    return value


def pairs(item):
    """[(name, value)] of `characteristics`, None if the request does not mention them."""
    if "characteristics" not in item:
        return None
    value = item["characteristics"]
    if not isinstance(value, list):
        raise Refused("characteristics должен быть массивом")
    result = []
    for element in value:
        if not isinstance(element, dict) or not isinstance(element.get("name"), str) or "value" not in element:
            raise Refused("characteristics: нужны name и value")
        shown = element["value"]
        if isinstance(shown, bool):
            shown = "true" if shown else "false"
        result.append((element["name"], shown if isinstance(shown, str) else str(shown)))
    return result
