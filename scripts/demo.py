#!/usr/bin/env python3
"""The demonstration: a site, a host in C with the add-in in it, a catalogue, then the same catalogue with changes."""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "demo-token"
RUSSIAN = os.environ.get("LC_ALL", os.environ.get("LANG", "")).lower().startswith("ru")


def say(russian, english):
    print(russian if RUSSIAN else english, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--catalogue", type=Path, help="CSV file instead of 2,000 generated products")
    arguments = parser.parse_args()
    folder = arguments.folder
    source = ["--from", str(arguments.catalogue.resolve())] if arguments.catalogue else ["--rows", "2000"]

    serve = [sys.executable, str(ROOT / "tests/site/serve.py"), "--directory", str(folder / "site"), "--token", TOKEN]
    site = subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        about = json.loads(site.stdout.readline())
        say(f"Сайт на Django запущен: {about['url']}", f"A Django site is running at {about['url']}")
        say("Библиотека загружена хостом на C, как это делает 1С.", "A host in C loads the library as 1C does.")

        say("\n1. Весь каталог (таблица значений, один вызов)", "\n1. The whole catalogue (a value table, one call)")
        send(arguments, about, make_catalogue(folder, source, "table"))
        say("\n2. Изменилось 5 % товаров: отправляются только они", "\n2. 5 % of the products change: only they are sent")
        send(arguments, about, make_catalogue(folder, [*source, "--changed-only", "5"], "array"))
        say("\n3. Тот же каталог файлом CSV", "\n3. The same catalogue as a CSV file")
        upload(arguments, about, make_catalogue(folder, source, "csv"))
        show_site(about)
    finally:
        site.stdin.close()
        site.wait(timeout=20)
    say(f"\nЧто посмотреть:\n  база сайта        {about['database']}\n  принятый файл     {about['uploads']}\n"
        f"  журнал компоненты {folder / 'log'}",
        f"\nWhere to look:\n  the site's database   {about['database']}\n  the file it took      {about['uploads']}\n"
        f"  the add-in's journal  {folder / 'log'}")


def make_catalogue(folder, options, form):
    path = folder / f"catalogue.{form if form == 'csv' else 'txt'}"
    with open(path, "wb") as file:
        subprocess.run([str(folder / "catalogue"), *options, "--format", form], stdout=file, check=True)
    return path


def send(arguments, about, catalogue):
    report = run(arguments, about, f"СинхронизироватьТоварыССайтом(@{catalogue})")
    show_report(report)


def upload(arguments, about, catalogue):
    report = run(arguments, about, f'ОтправитьФайлНаСайт("{catalogue}")')
    show_report(report)


def run(arguments, about, statement):
    """Runs one statement on a new ObmenSite, shows its progress, returns its report."""
    language = "ru" if RUSSIAN else "en"
    script = "\n".join([
        f'АдресСайта = "{about["url"]}"',
        f'ТокенАвторизации = "{TOKEN}"',
        f'КаталогЖурнала = "{arguments.folder / "log"}"',
        "ПаузаМеждуПакетами = 0",
        statement,
    ])
    command = [str(arguments.folder / "obmen_host"), "--client", "--language", language, "--library", str(arguments.library)]
    host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    host.stdin.write(script)
    host.stdin.close()
    report = None
    for line in host.stdout:
        said = json.loads(line)
        if "event" in said:
            data = json.loads(said["data"])
            print(f"\r   {data['done']:>6} / {data['total']:<6} {data['text'][:60]:60}", end="", flush=True)
        elif said.get("errors"):
            raise SystemExit("\n" + "\n".join(said["errors"]))
        elif statement.startswith(said.get("name", " ") + "("):
            report = json.loads(said["value"])
    print("\r" + " " * 80 + "\r", end="")
    if host.wait() != 0 or report is None:
        raise SystemExit(f"the host ended with {host.returncode}")
    return report


def show_report(report):
    names = {"status": "статус", "processed": "обработано", "created": "создано", "updated": "обновлено",
             "unsent": "не отправлено", "attempts": "попыток", "duration_ms": "миллисекунд"}
    for key, russian in names.items():
        print(f"   {russian if RUSSIAN else key:14} {report[key]}")
    errors = report["errors"]
    say(f"   ошибок         {len(errors)}", f"   errors         {len(errors)}")
    for error in errors[:5]:
        row = error.get("row")
        place = f"{'строка' if RUSSIAN else 'row'} {row:>6}: " if row else ""
        print(f"      {place}{error['message']}")
    if len(errors) > 5:
        print("      …")
    if report["error"]:
        raise SystemExit(report["error"]["message"])


def show_site(about):
    database = sqlite3.connect(about["database"])
    (products,) = database.execute("SELECT count(*) FROM catalogue_product").fetchone()
    (requests, created, updated) = database.execute(
        "SELECT count(*), sum(created), sum(updated) FROM catalogue_exchange").fetchone()
    say(f"\nВ базе сайта: товаров {products}; запросов {requests}, создано {created}, обновлено {updated}.",
        f"\nThe site's database holds {products} products; {requests} requests created {created} and updated {updated}.")


if __name__ == "__main__":
    main()
