/* Loading, making and freeing objects, in every order that a host may choose. */
#include "check.h"
#include "utf.h"

static IComponentBase *make(library *lib, const char *class_name) {
    IComponentBase *component = NULL;
    WCHAR_T *name = utf16_from(class_name);
    CHECK(lib->GetClassObject(name, &component) != 0, "%s", class_name);
    free(name);
    return component;
}

CASE(exports_tell_capabilities_and_kind_of_attachment) {
    CHECK(lib->SetPlatformCapabilities(1) == APP_CAPABILITIES_LAST);
    CHECK(lib->SetPlatformCapabilities(APP_CAPABILITIES_LAST) == APP_CAPABILITIES_LAST);
    CHECK(lib->GetAttachType() == ATTACH_TYPE_ANY);
    CHECK(lib->GetClassNames() == lib->GetClassNames(), "the names are static");
}

CASE(class_names_are_ascii_and_differ) {
    int count = 0;
    FOR_EACH_CLASS(lib, class) {
        for (const char *at = class; *at; at++) CHECK(*at > ' ' && *at <= '~', "%s", class);
        for (char **other = class_all; other < class_at; other++) CHECK(strcmp(*other, class) != 0, "%s", class);
        count++;
    }
    CHECK(count > 0);
}

CASE(an_unknown_class_and_null_pointers_give_no_object) {
    static const char *unknown[] = {"", "Obmen", "НетТакого", "ObmenSiteX", "|"};
    IComponentBase *component = NULL;
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        WCHAR_T *name = utf16_from(unknown[i]);
        CHECK(lib->GetClassObject(name, &component) == 0 && !component, "%s", unknown[i]);
        free(name);
    }
    CHECK(lib->GetClassObject(NULL, &component) == 0 && !component);
    CHECK(lib->GetClassObject(lib->GetClassNames(), NULL) == 0);
    CHECK(lib->DestroyObject(NULL) != 0);
    CHECK(lib->DestroyObject(&component) != 0);
}

CASE(the_extension_name_is_the_class_name_before_and_after_init) {
    FOR_EACH_CLASS(lib, class) {
        memory_manager *memory = memory_manager_new();
        connection *connection = connection_new(memory);
        object object = {.library = lib, .memory = memory, .connection = connection, .component = make(lib, class)};
        WCHAR_T *name = NULL;
        METHOD(INIT_DONE(&object), setMemManager, memory);
        CHECK(METHOD(LANGUAGE(&object), RegisterExtensionAs, &name));
        CHECK_TEXT(take_text(&object, name), class);
        METHOD(INIT_DONE(&object), Init, connection);
        CHECK(METHOD(LANGUAGE(&object), RegisterExtensionAs, &name));
        CHECK_TEXT(take_text(&object, name), class);
        object_done(&object);
        CHECK(lib->DestroyObject(&object.component) == 0 && !object.component);
        CHECK(connection_free(connection) + memory_manager_free(memory) == 0);
    }
}

CASE(memory_manager_and_connection_may_come_in_either_order) {
    FOR_EACH_CLASS(lib, class)
        for (int init_first = 0; init_first < 2; init_first++) {
            object *object = object_new(lib, class, (object_options){.init_first = init_first});
            CHECK(METHOD(INIT_DONE(object), GetInfo) == 2000);
            CHECK(METHOD(LANGUAGE(object), GetNProps) >= 10 && METHOD(LANGUAGE(object), GetNMethods) >= 3);
            CHECK(object->memory->allocations == 0, "Init allocated");
            CHECK_FREE(object);
        }
}

CASE(an_object_lives_through_every_strange_order) {
    FOR_EACH_CLASS(lib, class) {
        IComponentBase *component = make(lib, class);
        CHECK(lib->DestroyObject(&component) == 0 && !component, "neither Init nor Done");

        component = make(lib, class);
        METHOD(&component->init_done, Done);
        METHOD(&component->init_done, Done);
        CHECK(lib->DestroyObject(&component) == 0, "Done twice without Init");

        component = make(lib, class);
        CHECK(!METHOD(&component->init_done, Init, NULL), "a null connection");
        CHECK(!METHOD(&component->init_done, setMemManager, NULL), "a null memory manager");
        METHOD(&component->init_done, Done);
        CHECK(lib->DestroyObject(&component) == 0);

        object *object = object_new(lib, class, (object_options){0});
        object_done(object);
        object_done(object);
        object_destroy(object);
        CHECK(object_close(object) == 0);

        object = object_new(lib, class, (object_options){0});
        object->connection->closed = true; /* freed without Done: all the same nobody may call */
        object_destroy(object);
        CHECK(object_close(object) == 0);
    }
}

CASE(without_a_memory_manager_calls_fail_and_do_no_harm) {
    FOR_EACH_CLASS(lib, class) {
        IComponentBase *component = make(lib, class);
        ILanguageExtenderBase *language = &component->language_extender;
        WCHAR_T *name = NULL, *help = utf16_from(HELP);
        tVariant result;
        memset(&result, 0xAA, sizeof result);
        CHECK(!METHOD(language, RegisterExtensionAs, &name) && !name);
        CHECK(!METHOD(language, GetMethodName, 0, 0) && !METHOD(language, GetPropName, 0, 1));
        long method = METHOD(language, FindMethod, help);
        CHECK(!METHOD(language, CallAsFunc, method, &result, NULL, 0));
        CHECK(result.vt == VTYPE_EMPTY);
        free(help);
        CHECK(lib->DestroyObject(&component) == 0);
    }
}

CASE(after_done_every_call_fails_quietly) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        long pause = object_find_method(object, PAUSE), version = object_find_property(object, "Версия");
        object_done(object);
        tVariant value;
        memset(&value, 0xAA, sizeof value);
        CHECK(!METHOD(LANGUAGE(object), GetPropVal, version, &value) && value.vt == VTYPE_EMPTY);
        value = variant_integer(0);
        CHECK(!METHOD(LANGUAGE(object), CallAsProc, pause, &value, 1));
        CHECK(!METHOD(LANGUAGE(object), SetPropVal, version, &value));
        CHECK(METHOD(LANGUAGE(object), FindMethod, NULL) == -1);
        CHECK(object->connection->error_count == 0);
        object_destroy(object);
        CHECK(object_close(object) == 0);
    }
}

CASE(each_base_has_its_own_destructor_and_offset) {
    FOR_EACH_CLASS(lib, class)
        for (int base = 0; base < 4; base++) {
            object *object = object_new(lib, class, (object_options){0});
            void **sub_object = (void **)object->component + base;
            void **vtable = *sub_object;
            const DestructorSlots *slots = (const DestructorSlots *)vtable;
            CHECK(slots->deleting);
            CHECK(vtable[-1] == NULL, "no run-time type information");
#if !defined(_WIN32)
            CHECK((ptrdiff_t)vtable[-2] == -(ptrdiff_t)(base * sizeof(void *)), "offset to top of base %d", base);
            CHECK(slots->complete);
#endif
            object_done(object);
            /* What C++ `delete` of a pointer to that base does. */
#if defined(_WIN32)
            CHECK(slots->deleting(sub_object, 1) != NULL);
#else
            slots->deleting(sub_object);
#endif
            CHECK(object_close(object) == 0);
        }
}

CASE(each_base_answers_through_its_own_address) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        WCHAR_T *english = utf16_from("en"), *russian = utf16_from("ru_RU");
        CHECK_TEXT(object_get_text(object, "ЯзыкСообщений"), "ru");
        METHOD(&object->component->user_language, SetUserInterfaceLanguageCode, english);
        CHECK_TEXT(object_get_text(object, "MessageLanguage"), "en");
        METHOD(&object->component->locale, SetLocale, russian);
        CHECK_TEXT(object_get_text(object, "MessageLanguage"), "ru");
        METHOD(&object->component->locale, SetLocale, NULL);
        METHOD(&object->component->user_language, SetUserInterfaceLanguageCode, NULL);
        CHECK(object_set_text(object, "ЯзыкСообщений", "en"));
        METHOD(&object->component->user_language, SetUserInterfaceLanguageCode, russian);
        CHECK_TEXT(object_get_text(object, "MessageLanguage"), "en"); /* what BSL chose stays */
        free(english);
        free(russian);
        CHECK_FREE(object);
    }
}

CASE(the_library_survives_loading_and_unloading) {
    char **names = class_names(lib);
    for (int i = 0; i < repeat(1000); i++) {
        library again = library_open(library_path);
        object *object = object_new(&again, names[0], (object_options){.onescript = i % 2});
        CHECK_FREE(object);
        library_close(&again);
    }
    free_names(names);
}

/* A platform before 8.3.21, or OneScript: nobody calls the optional exports, GetInterface must not be used. */
CASE_ALONE(a_host_that_tells_no_capabilities_is_not_asked_for_interfaces) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        tVariant pause = variant_integer(1);
        CHECK(object_call(object, PAUSE, NULL, 1, &pause));
        CHECK(object->connection->interface_requests == 0);
        CHECK_FREE(object);
    }
}
