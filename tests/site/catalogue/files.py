"""Catalogues that come as files: CSV, XML and JSON by extension, read into the dictionaries of a JSON request."""
import csv
import io
import json
import re
from decimal import Decimal
from xml.etree import ElementTree

NUMBERS = ("price", "old_price", "stock")
FLAGS = {"1": True, "true": True, "истина": True, "да": True, "0": False, "false": False, "ложь": False, "нет": False}


class Unreadable(Exception):
    """The file as a whole cannot be read."""


def read_products(name, data):
    """The products of a file. Its extension decides how it is read."""
    extension = name.rpartition(".")[2].lower()
    readers = {"csv": from_csv, "xml": from_xml, "json": from_json}
    if extension not in readers:
        raise Unreadable(f"расширение {extension!r} не поддерживается: нужен csv, xml или json")
    return readers[extension](data)


def from_json(data):
    try:
        parsed = json.loads(decode(data), parse_float=Decimal)
    except ValueError as error:
        raise Unreadable(f"JSON не читается: {error}") from None
    products = parsed.get("products") if isinstance(parsed, dict) else parsed
    if not isinstance(products, list):
        raise Unreadable("в JSON нет массива products")
    return [without_nulls(product) for product in products]


def without_nulls(product):
    """What 1C writes for Неопределено stands for a field that is not given."""
    if not isinstance(product, dict):
        return product
    return {key: value for key, value in product.items() if value is not None}


def from_csv(data):
    text = decode(data)
    header = text.partition("\n")[0]
    delimiter = max(";,\t", key=header.count)
    csv.field_size_limit(64 * 1024 * 1024)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    if not rows.fieldnames or "sku" not in rows.fieldnames:
        raise Unreadable("в первой строке CSV нет столбца sku")
    try:
        return [typed({key: value for key, value in row.items() if key and value}) for row in rows]
    except csv.Error as error:
        raise Unreadable(f"CSV не читается: {error}") from None


def from_xml(data):
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise Unreadable(f"XML не читается: {error}") from None
    products = []
    for element in root.iter("product"):
        row = {child.tag: child.text or "" for child in element if child.tag != "characteristics" and child.text}
        product = typed(row)
        characteristics = element.find("characteristics")
        if characteristics is not None:
            product["characteristics"] = [
                {"name": item.findtext("name", ""), "value": item.findtext("value", "")} for item in characteristics
            ]
        products.append(product)
    return products


def typed(row):
    """Text cells become what they are in JSON. A cell that is not a number stays text, and the check refuses it."""
    product = dict(row)
    for key in NUMBERS:
        if re.fullmatch(r"-?\d+(\.\d+)?", product.get(key, "")):
            product[key] = Decimal(product[key])
    if "is_active" in product:
        product["is_active"] = FLAGS.get(product["is_active"].strip().lower(), product["is_active"])
    if isinstance(product.get("characteristics"), str):
        try:
            product["characteristics"] = json.loads(product["characteristics"])
        except ValueError:
            pass
    return product


def decode(data):
    """UTF-8 with or without BOM, else windows-1251, in which 1C saves text files by default."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1251")
    except UnicodeDecodeError:
        raise Unreadable("кодировка файла не UTF-8 и не windows-1251") from None
