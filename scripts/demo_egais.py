#!/usr/bin/env python3
"""The second half of the demonstration: one day of a shop with EGAIS, through the add-in and a UTM stand-in."""
import argparse
import json
import re
import subprocess
import time
import urllib.request
from datetime import date
from pathlib import Path

from demo import RUSSIAN, say

SHOP = "030000412451"
SUPPLIER = "020000190211"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--utm", type=Path, required=True, help="the program of the stand-in")
    arguments = parser.parse_args()

    stand_in = subprocess.Popen([str(arguments.utm), "--utm", f"{SHOP}:0", "--partner", "accept", "--seconds", "600"],
                                stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://\S+", stand_in.stdout.readline()).group()
        say(f"\nУТМ магазина {SHOP} — заменитель: {url}", f"\nThe UTM of the shop {SHOP} is a stand-in: {url}")
        day(Shop(arguments, url))
    finally:
        stand_in.kill()
        stand_in.wait()


def day(shop):
    say("\n4. Запрос данных поставщика", "\n4. A query for the supplier")
    asked = shop.call("ПодготовитьЗапросДанныхКлассификатораКПередаче",
                      SHOP, "ЗапросДанныхОрганизации", "СИО", SUPPLIER)
    query = asked["Изменения"][0]["Ссылка"]
    shop.exchange()
    shop.show(query)

    say("\n5. Две накладные поставщика пришли сами", "\n5. Two waybills of the supplier come in by themselves")
    for number in ("П-1", "П-2"):
        shop.control("supply", {"shipper": SUPPLIER, "number": number, "lines": 3})
    new = [change for change in shop.exchange() if change["НовыйДокумент"]]
    first, second = (change["Ссылка"] for change in new)
    shop.show(first)
    shop.show(second)

    say("\n6. Первая принята полностью, во второй недостача", "\n6. The first is accepted, of the second less arrived")
    shop.call("ПодготовитьКПередаче", first, "ПодтвердитеПолучение")
    shop.call("ПодготовитьКПередаче", second, "СообщитеОРасхождениях",
              {"Номер": "1", "Расхождения": [{"Идентификатор": "1", "Количество": 9}]})
    shop.exchange()
    shop.show(first)
    shop.show(second)

    say("\n7. Остатки", "\n7. Stock")
    stock = shop.stock("остатки")

    say("\n8. Одна бутылка разбита: акт списания", "\n8. One bottle is broken: a write-off")
    batch = stock[0]["InformF2RegId"]
    position = {"Identity": "1", "Quantity": 1, "InformF1F2": {"InformF2": {"F2RegId": batch}}}
    header = {"ActNumber": "1", "ActDate": date.today().isoformat(), "TypeWriteOff": "Порча"}
    shop.call("ПодготовитьКПередаче",
              {"Ссылка": "списание", "КодФСРАР": SHOP, "ТипДокумента": "ActWriteOff_v3",
               "Данные": {"Header": header, "Content": {"Position": [position]}}}, "ПередайтеДанные")
    shop.exchange()
    shop.show("списание")

    say("\n9. Второй запрос остатков ждёт: между такими запросами нужна пауза",
        "\n9. A second query for stock waits: such queries need a pause between them")
    shop.ask_for_stock("остатки 2")
    shop.show("остатки 2")

    events = shop.call("ПротоколОбмена")
    left = shop.control("received")["out"]
    say(f"\nСобытий в протоколе: {len(events)}; непрочитанного в УТМ: {left}."
        f"\n  очередь, документы, протокол {shop.store}\n  журнал компоненты            {shop.log}",
        f"\nEvents in the protocol: {len(events)}; left in the UTM: {left}."
        f"\n  queue, documents, protocol   {shop.store}\n  the add-in's journal         {shop.log}")


class Shop:
    """A shop: each call is a new process of the host, what lasts lasts in the store."""

    def __init__(self, arguments, url):
        self.arguments, self.url = arguments, url
        self.store = arguments.folder / "egais.db"
        self.log = arguments.folder / "log"
        host, port = url.removeprefix("http://").split(":")
        self.call("ДобавитьНастройкуОбмена", {"КодФСРАР": SHOP, "Наименование": "Магазин", "АдресУТМ": host,
                                             "ПортУТМ": int(port), "Таймаут": 30})

    def call(self, method, *values):
        """Calls a method of a new ObmenEgais; structures go in and come out as JSON."""
        texts = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
        given = ", ".join('"' + text.replace('"', '""') + '"' for text in texts)
        script = f'КаталогЖурнала = "{self.log}"\nФайлХранилища = "{self.store}"\n{method}({given})\n'
        command = [str(self.arguments.folder / "obmen_host"), "--class", "ObmenEgais",
                   "--language", "ru" if RUSSIAN else "en", "--library", str(self.arguments.library)]
        done = subprocess.run(command, input=script, stdout=subprocess.PIPE, text=True, check=False)
        for line in done.stdout.splitlines():
            said = json.loads(line)
            if said.get("errors"):
                raise SystemExit("\n".join(said["errors"]))
            if said.get("name") == method:
                return json.loads(said["value"]) if said["value"] else None
        raise SystemExit(f"the host ended with {done.returncode}")

    def exchange(self):
        """Exchanges until nothing changes any more; gives what changed."""
        changes = []
        for _ in range(20):
            self.control("settle", {})
            report = self.call("ВыполнитьОбмен")
            if report["ТекстОшибки"]:
                raise SystemExit(report["ТекстОшибки"])
            if not report["Изменения"]:
                return changes
            changes += report["Изменения"]
            time.sleep(0.05)
        raise SystemExit("the exchange does not come to rest")

    def show(self, key):
        document = self.call("Документ", key)
        print(f"   {document['ТипДокумента']:20} {document['РегистрационныйНомер'] or '':15} {document['Статус']}")
        if document["ТекстОшибки"]:
            print(f"      {document['ТекстОшибки']}")

    def ask_for_stock(self, key):
        self.call("ПодготовитьКПередаче",
                  {"Ссылка": key, "КодФСРАР": SHOP, "ТипДокумента": "QueryRests_v2", "Данные": {}}, "ПередайтеДанные")
        self.exchange()

    def stock(self, key):
        """Asks for stock, shows it and gives its positions."""
        self.ask_for_stock(key)
        self.show(key)
        places = self.call("Остатки", SHOP)["Данные"]["Products"]["StockPosition"]
        for place in places:
            print(f"      {place['Product']['FullName'][:40]:40} {place['Quantity']:>6}  {place['InformF2RegId']}")
        return places

    def control(self, command, body=None):
        """Tells the stand-in what the world around the shop does."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/control/{command}", data), timeout=10) as answer:
            return json.load(answer)


if __name__ == "__main__":
    main()
