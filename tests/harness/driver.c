/* obmen_host: plays 1C on the command line. Reads statements, one a line, and prints what happened as JSON lines.

   obmen_host [--library FILE] [--class NAME] [--client | --onescript] [--odd] [--language CODE] [SCRIPT]

   A statement is one of
       Имя                       reads a property
       Имя = значение            writes it
       Имя(значение, …)          calls a method; a value between commas may be missing
       # …                       a comment
   A value is a number, Истина or Ложь, Неопределено, a text "в кавычках" with quotes doubled, @file (the file's
   text) or @@file (its bytes). Names are those of the add-in in either language.

   Each statement prints {"name", "ok", "value", "errors": [text, …]}; each event of the add-in prints {"event",
   "data"} at once. At the end comes {"broken": number of rules that the add-in broke, "peak_kilobytes"}. The exit code is 0 when all
   statements succeeded and no rule was broken, else 1. */
#include "host.h"
#include "utf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void print_text(const char *text, size_t bytes) {
    putchar('"');
    for (size_t i = 0; i < bytes; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\') printf("\\%c", byte);
        else if (byte < 0x20) printf("\\u%04x", byte);
        else putchar(byte);
    }
    putchar('"');
}

static void print_value(const tVariant *value) {
    switch (value->vt) {
    case VTYPE_I4: printf("%d", value->value.lVal); break;
    case VTYPE_R8: printf("%.17g", value->value.dblVal); break;
    case VTYPE_BOOL: printf(value->value.bVal ? "true" : "false"); break;
    case VTYPE_TM: {
        const struct tm *date = &value->value.tmVal;
        printf("\"%04d-%02d-%02dT%02d:%02d:%02d\"", date->tm_year + 1900, date->tm_mon + 1, date->tm_mday, date->tm_hour,
               date->tm_min, date->tm_sec);
        break;
    }
    case VTYPE_PWSTR: {
        char *text = variant_utf8(value);
        print_text(text, strlen(text));
        free(text);
        break;
    }
    case VTYPE_BLOB: print_text((const char *)value->value.str.pstrVal, value->value.str.strLen); break;
    default: printf("null");
    }
}

static void print_event(connection *connection, const told_event *event) {
    (void)connection;
    printf("{\"event\":");
    print_text(event->message, strlen(event->message));
    printf(",\"source\":");
    print_text(event->source, strlen(event->source));
    printf(",\"data\":");
    print_text(event->data, strlen(event->data));
    printf("}\n");
    fflush(stdout);
}

static char *read_whole(FILE *file, size_t *bytes) {
    size_t room = 1 << 16;
    char *text = malloc(room + 1);
    *bytes = 0;
    for (size_t got; (got = fread(text + *bytes, 1, room - *bytes, file)) > 0;) {
        *bytes += got;
        if (*bytes == room) text = realloc(text, (room *= 2) + 1);
    }
    text[*bytes] = 0;
    return text;
}

static char *read_file(const char *path, size_t *bytes) {
    FILE *file = platform_open(path);
    if (!file) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    char *text = read_whole(file, bytes);
    fclose(file);
    return text;
}

static void bad_statement(const char *at) {
    fprintf(stderr, "cannot understand: %s\n", at);
    exit(2);
}

static char *skip_blanks(char *at) {
    while (*at == ' ' || *at == '\t') at++;
    return at;
}

/* Reads a value that ends with a comma, a closing bracket or the line. */
static char *read_value(object *object, char *at, tVariant *value) {
    *value = variant_empty();
    at = skip_blanks(at);
    if (*at == '"') {
        char *text = malloc(strlen(at)), *out = text;
        for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
            if (*at == '"') at++;
            *out++ = *at;
        }
        if (*at++ != '"') bad_statement(text);
        *value = variant_text_bytes(object, text, (size_t)(out - text));
        free(text);
        return skip_blanks(at);
    }
    size_t length = strcspn(at, ",)\r\n");
    char *word = calloc(1, length + 1);
    memcpy(word, at, length);
    at += length;
    while (length && (word[length - 1] == ' ' || word[length - 1] == '\t')) word[--length] = 0;
    if (word[0] == '@') {
        size_t bytes;
        bool binary = word[1] == '@';
        char *content = read_file(word + 1 + binary, &bytes);
        *value = binary ? variant_blob(object, content, bytes) : variant_text_bytes(object, content, bytes);
        free(content);
    } else if (strcmp(word, "Истина") == 0 || strcmp(word, "Ложь") == 0) {
        *value = variant_boolean(strcmp(word, "Истина") == 0);
    } else if (length && strcmp(word, "Неопределено") != 0) {
        char *end;
        double number = strtod(word, &end);
        if (*end) bad_statement(word);
        bool whole = number >= -2147483648.0 && number <= 2147483647.0 && number == (double)(int32_t)number;
        *value = whole ? variant_integer((int32_t)number) : variant_real(number);
    }
    free(word);
    return at;
}

static bool run_statement(object *object, char *line) {
    enum { MOST = 32 };
    char *at = line + strcspn(line, " \t(=\r\n"), *name = calloc(1, (size_t)(at - line) + 1);
    memcpy(name, line, (size_t)(at - line));
    at = skip_blanks(at);
    tVariant result = variant_empty();
    bool success;
    if (*at == '(') {
        tVariant arguments[MOST];
        int count = 0;
        at = skip_blanks(at + 1);
        while (*at != ')') {
            if (count == MOST || !*at) bad_statement(line);
            at = read_value(object, at, &arguments[count++]);
            if (*at == ',') {
                at++;
                if (*skip_blanks(at) == ')') bad_statement(line);
            } else if (*at != ')') {
                bad_statement(line);
            }
        }
        success = object_call(object, name, &result, count, arguments);
    } else if (*at == '=') {
        tVariant value;
        read_value(object, at + 1, &value);
        success = object_set(object, name, value);
    } else {
        success = object_get(object, name, &result);
    }
    printf("{\"name\":");
    print_text(name, strlen(name));
    printf(",\"ok\":%s,\"value\":", success ? "true" : "false");
    print_value(&result);
    printf(",\"errors\":[");
    for (size_t i = 0; i < object->connection->error_count; i++) {
        if (i) putchar(',');
        print_text(object->connection->errors[i].text, strlen(object->connection->errors[i].text));
    }
    printf("]}\n");
    fflush(stdout);
    connection_forget_errors(object->connection);
    variant_free(object, &result);
    free(name);
    return success;
}

int main(int count, char **arguments) {
    const char *path = getenv("OBMEN_LIBRARY"), *class = "ObmenSite", *script = NULL;
    object_options options = {0};
    platform_utf8_console();
    for (int i = 1; i < count; i++) {
        const char *option = arguments[i], *next = i + 1 < count ? arguments[i + 1] : NULL;
        if (strcmp(option, "--client") == 0) options.client = true;
        else if (strcmp(option, "--onescript") == 0) options.onescript = true;
        else if (strcmp(option, "--odd") == 0) options.odd_addresses = true;
        else if (strcmp(option, "--library") == 0 && next) path = next, i++;
        else if (strcmp(option, "--class") == 0 && next) class = next, i++;
        else if (strcmp(option, "--language") == 0 && next) options.language = next, i++;
        else if (option[0] != '-' && !script) script = option;
        else bad_statement(option);
    }
    if (!path) {
        fprintf(stderr, "no library: give --library FILE or set OBMEN_LIBRARY\n");
        return 2;
    }
    size_t bytes;
    char *text = script ? read_file(script, &bytes) : read_whole(stdin, &bytes);
    library lib = library_open(path);
    object *object = object_new(&lib, class, options);
    object->connection->on_event = print_event;
    bool success = true;
    for (char *line = text, *next; *line; line = next) {
        char *end = line + strcspn(line, "\n");
        next = *end ? end + 1 : end;
        *end = 0;
        line = skip_blanks(line);
        if (*line && *line != '#' && *line != '\r') success &= run_statement(object, line);
    }
    free(text);
    size_t broken = object_free(object);
    printf("{\"broken\":%zu,\"peak_kilobytes\":%ld}\n", broken, platform_peak_memory());
    library_close(&lib);
    return success && broken == 0 ? 0 : 1;
}
