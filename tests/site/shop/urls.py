"""The two addresses of the site instruction."""
from django.urls import path

from catalogue import views

urlpatterns = [
    path("api/1c/sync/", views.sync),
    path("api/1c/upload/", views.upload),
]
handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error
