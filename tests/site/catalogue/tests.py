"""The site answers as the instruction says. `manage.py test` runs these on a database of their own."""
import gzip
import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import TestCase, override_settings
from unittest import mock

from .models import Exchange, Product, Upload

TOKEN = "test-token"
GOOD = {"sku": "А1", "name": "Чайник", "price": 10.5}
SYNC, UPLOAD = "/api/1c/sync/", "/api/1c/upload/"

@override_settings(API_TOKEN=TOKEN)
class SiteTest(TestCase):
    def send(self, products, token=TOKEN, **headers):
        body = json.dumps({"token": token, "products": products})
        headers = {"X-API-Key": TOKEN, **headers}
        return self.client.post(SYNC, body, content_type="application/json", headers=headers)

    def test_new_products_are_created_and_known_ones_updated(self):
        self.assertEqual(self.send([GOOD]).json()["created"], 1)
        answer = self.send([{**GOOD, "price": 11}, {**GOOD, "sku": "А2"}])
        self.assertEqual((answer.status_code, answer.json()["created"], answer.json()["updated"]), (200, 1, 1))
        self.assertEqual(Product.objects.get(sku="А1").price, 11)

    def test_some_bad_products_give_207_and_name_them(self):
        bad = [{"sku": "Б1", "name": "x", "price": -1}, {"sku": "Б2", "name": "", "price": 1}, {"name": "x", "price": "1"}]
        answer = self.send([GOOD, *bad])
        self.assertEqual(answer.status_code, 207)
        self.assertEqual(answer.json()["processed"], 1)
        self.assertEqual([error.split(":")[0] for error in answer.json()["errors"]], ["Товар Б1", "Товар Б2", "Товар №4"])

    def test_nothing_but_bad_products_gives_400(self):
        self.assertEqual(self.send([{"sku": "Б1"}]).status_code, 400)
        self.assertEqual(Product.objects.count(), 0)

    def test_what_is_not_the_agreed_json_gives_400(self):
        for body in ["", "{", "[]", '{"token":"test-token"}', '{"token":"test-token","products":[]}']:
            answer = self.client.post(SYNC, body, content_type="application/json", headers={"X-API-Key": TOKEN})

            self.assertEqual(answer.status_code, 400, body)

    def test_a_wrong_token_in_header_or_body_gives_401(self):
        self.assertEqual(self.send([GOOD], **{"X-API-Key": "x"}).status_code, 401)
        self.assertEqual(self.send([GOOD], token="x").status_code, 401)
        self.assertEqual(self.send([GOOD], token=None).status_code, 401)
        self.assertEqual(Product.objects.count(), 0)

    def test_a_failure_of_the_database_gives_500_and_leaves_nothing(self):
        self.client.raise_request_exception = False
        broken = mock.patch("catalogue.products.Product.objects.create", side_effect=DatabaseError)
        with broken, self.assertLogs("django.request", "ERROR"):
            self.assertEqual(self.send([GOOD], **{"Idempotency-Key": "k"}).status_code, 500)
        self.assertEqual(Exchange.objects.count(), 0)
        self.assertEqual(self.send([GOOD], **{"Idempotency-Key": "k"}).json()["created"], 1)

    def test_a_repeated_key_is_answered_again_and_applied_once(self):
        first = self.send([GOOD], **{"Idempotency-Key": "k"})
        second = self.send([GOOD], **{"Idempotency-Key": "k"})
        self.assertEqual(first.json(), second.json())
        self.assertEqual(Product.objects.get().revision, 1)
        self.assertEqual(Exchange.objects.get().replays, 1)

    def test_a_key_of_another_request_is_refused(self):
        self.send([GOOD], **{"Idempotency-Key": "k"})
        self.assertEqual(self.send([{**GOOD, "price": 1}], **{"Idempotency-Key": "k"}).status_code, 422)

    def test_characteristics_are_replaced_only_when_given(self):
        self.send([{**GOOD, "characteristics": [{"name": "Цвет", "value": "белый"}]}])
        self.send([GOOD])
        self.assertEqual(Product.objects.get().characteristics.get().value, "белый")
        self.send([{**GOOD, "characteristics": []}])
        self.assertEqual(Product.objects.get().characteristics.count(), 0)

    def test_a_compressed_body_is_read(self):
        body = gzip.compress(json.dumps({"token": TOKEN, "products": [GOOD]}).encode())
        headers = {"X-API-Key": TOKEN, "Content-Encoding": "gzip"}
        answer = self.client.post(SYNC, body, content_type="application/json", headers=headers)
        self.assertEqual(answer.json()["created"], 1)

    def test_files_of_all_three_kinds_are_taken(self):
        files = {
            "a.csv": "sku,name,price,stock\nC1,\"Имя, с запятой\",12.50,-3\n",
            "b.xml": "<products><product><sku>X1</sku><name>Имя</name><price>1</price><characteristics>"
            "<characteristic><name>Цвет</name><value>белый</value></characteristic></characteristics></product></products>",
            "c.JSON": json.dumps({"products": [{"sku": "J1", "name": "Имя", "price": 2}]}),
        }
        for name, text in files.items():
            upload = SimpleUploadedFile(name, text.encode())
            answer = self.client.post(UPLOAD, {"file": upload}, headers={"X-API-Key": TOKEN})
            self.assertEqual((answer.status_code, answer.json()["created"]), (200, 1), name)
        self.assertEqual(Upload.objects.count(), 3)
        self.assertEqual(Product.objects.get(sku="C1").stock, -3)

    def test_an_unreadable_file_gives_400_and_a_wrong_token_401(self):
        for name, text in {"a.csv": "x\n1\n", "b.xml": "<a>", "c.json": "[", "d.txt": "x"}.items():
            upload = SimpleUploadedFile(name, text.encode())
            answer = self.client.post(UPLOAD, {"file": upload}, headers={"X-API-Key": TOKEN})
            self.assertEqual(answer.status_code, 400, name)
        upload = SimpleUploadedFile("a.csv", b"sku,name,price\nC1,x,1\n")
        self.assertEqual(self.client.post(UPLOAD, {"file": upload}, headers={"X-API-Key": "x"}).status_code, 401)
