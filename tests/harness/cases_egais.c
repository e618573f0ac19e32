/* ObmenEgais through the binary interface: a document is built, checked and parsed. What the documents hold is
   compared with the official schemas elsewhere (tests/egais). */
#include "check.h"
#include "utf.h"

#define OWNER "020000000001"
#define TYPE "ActWriteOff_v3"
#define ACT                                                                                                        \
    "{\"Identity\":\"7\",\"Header\":{\"ActNumber\":\"5\",\"ActDate\":\"2024-01-31\",\"TypeWriteOff\":\"Порча\"},"         \
    "\"Content\":{\"Position\":[{\"Identity\":\"1\",\"Quantity\":\"1.5\",\"InformF1F2\":{\"InformF2\":{\"F2RegId\":\"FB-1\"}}}]}}"

static object *new_egais(library *lib) {
    object *egais = object_new(lib, "ObmenEgais", (object_options){0});
    CHECK(object_set_text(egais, "КодФСРАР", OWNER));
    return egais;
}

static char *call_text(object *egais, const char *method, const char *first, const char *second) {
    tVariant arguments[2] = {variant_text(egais, first), variant_empty()}, result;
    if (second) arguments[1] = variant_text(egais, second);
    bool success = object_call(egais, method, &result, second ? 2 : 1, arguments);
    check_result(egais, &result, method);
    char *text = success ? variant_utf8(&result) : NULL;
    variant_free(egais, &result);
    return text;
}

CASE(an_egais_document_is_built_checked_and_parsed) {
    object *egais = new_egais(lib);
    char *xml = call_text(egais, "СформироватьXML", TYPE, ACT);
    CHECK(xml && strstr(xml, "Documents") && strstr(xml, OWNER), "%s", xml ? xml : "(null)");
    CHECK_TEXT(call_text(egais, "ПроверитьXML", xml, NULL), "[]");
    char *parsed = call_text(egais, "РазобратьXML", xml, NULL);
    CHECK(parsed && strstr(parsed, "\"ТипДокумента\":\"" TYPE "\"") && strstr(parsed, "\"Quantity\":\"1.5\""), "%s", parsed);
    free(parsed);

    tVariant arguments[2] = {variant_text(egais, TYPE), variant_blob(egais, ACT, strlen(ACT))}, result;
    CHECK(object_call(egais, "СформироватьXMLДвоичные", &result, 2, arguments));
    check_result(egais, &result, "СформироватьXMLДвоичные");
    CHECK(result.vt == VTYPE_BLOB && result.value.str.strLen == strlen(xml) &&
          memcmp(result.value.str.pstrVal, xml, strlen(xml)) == 0, "the same bytes as the text");
    variant_free(egais, &result);
    free(xml);
    CHECK_FREE(egais);
}

CASE(wrong_egais_data_are_told_and_build_nothing) {
    static const char wrong[] = "{\"Header\":{\"ActNumber\":\"\",\"ActDate\":\"x\"},\"Content\":{\"Position\":{}}}";
    object *egais = new_egais(lib);
    char *problems = call_text(egais, "ПроверитьДокумент", TYPE, wrong);
    CHECK(problems && strstr(problems, "\"Header.ActDate\"") && strstr(problems, "\"xsd."), "%s", problems);
    free(problems);
    CHECK(!call_text(egais, "СформироватьXML", TYPE, wrong));
    char *error = object_get_text(egais, "ПоследняяОшибка");
    CHECK(error && strstr(error, "\"egais_document\"") && strstr(error, "\"path\""), "%s", error);
    free(error);
    char *not_xml = call_text(egais, "ПроверитьXML", "<a><b></a>", NULL);
    CHECK(not_xml && strstr(not_xml, "\"rule\":\"xml\""), "%s", not_xml);
    free(not_xml);
    connection_forget_errors(egais->connection);
    CHECK_FREE(egais);
}

CASE(an_egais_document_without_memory_is_an_error_and_leaks_nothing) {
    static const char *methods[] = {"СформироватьXML", "СформироватьXMLДвоичные", "ПроверитьДокумент"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        object *egais = new_egais(lib);
        tVariant arguments[4] = {variant_text(egais, TYPE), variant_text(egais, ACT), variant_text(egais, ""), variant_empty()};
        tVariant result;
        egais->memory->fail_after = 0;
        memset(&result, 0xAA, sizeof result);
        CHECK(!METHOD(LANGUAGE(egais), CallAsFunc, object_find_method(egais, methods[i]), &result, arguments, 3), "%s", methods[i]);
        CHECK(result.vt == VTYPE_EMPTY);
        egais->memory->fail_after = -1;
        char *error = object_get_text(egais, "ПоследняяОшибка");
        CHECK(error && strstr(error, "\"memory\""), "%s", error);
        free(error);
        for (int k = 0; k < 3; k++) variant_free(egais, &arguments[k]);
        CHECK_FREE(egais);
    }
}

/* XML that ends where the memory ends, whole and cut at every place, as text and as bytes. */
CASE(egais_xml_cut_anywhere_at_the_end_of_a_page_is_answered) {
    object *egais = new_egais(lib);
    char *xml = call_text(egais, "СформироватьXML", TYPE, ACT);
    size_t bytes = strlen(xml);
    long check = object_find_method(egais, "ПроверитьXML");
    for (size_t length = 0; length <= bytes; length += length + 40 < bytes ? 37 : 1) {
        char *guarded = platform_guarded(length + 1);
        memcpy(guarded + 1, xml, length);
        tVariant argument = variant_empty(), result;
        argument.vt = VTYPE_BLOB;
        argument.value.str.pstrVal = (uint8_t *)guarded + 1;
        argument.value.str.strLen = (uint32_t)length;
        CHECK(METHOD(LANGUAGE(egais), CallAsFunc, check, &result, &argument, 1), "%zu bytes", length);
        check_result(egais, &result, "ПроверитьXML");
        char *problems = variant_utf8(&result);
        CHECK(problems && (length == bytes) == (strcmp(problems, "[]") == 0), "%zu bytes: %s", length, problems);
        free(problems);
        variant_free(egais, &result);
        platform_guarded_free(guarded, length + 1);
    }
    free(xml);
    CHECK_FREE(egais);
}
