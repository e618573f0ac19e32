"""What the shop knows. Tests read these tables to see what really arrived."""
from django.db import models


class Product(models.Model):
    """A product, known by its sku. `revision` counts how often it was written."""

    sku = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=500)
    price = models.DecimalField(max_digits=14, decimal_places=2)
    old_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    stock = models.DecimalField(max_digits=15, decimal_places=3, null=True)
    category = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)


class Characteristic(models.Model):
    """A characteristic of a product, in the order of the request."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="characteristics")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=500)
    value = models.TextField()


class Exchange(models.Model):
    """One request with products as it was answered; with its key, so that a repetition gets the same answer."""

    at = models.DateTimeField(auto_now_add=True)
    path = models.CharField(max_length=100)
    key = models.CharField(max_length=200, null=True, unique=True)
    body_sha256 = models.CharField(max_length=64)
    body_bytes = models.PositiveBigIntegerField()
    status = models.PositiveIntegerField()
    answer = models.JSONField()
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    replays = models.PositiveIntegerField(default=0)


class Upload(models.Model):
    """A file that came by multipart/form-data and where it lies."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE)
    field = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    stored = models.FileField(upload_to="%Y%m%d", max_length=500)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
