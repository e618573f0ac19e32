//! GUIDs of 1C types in internal text (facts on value formats, 2.1 and 2.6).

use uuid::Uuid;

macro_rules! type_ids {
    ($($name:ident = $value:literal, $help:literal;)*) => {
        $(#[doc = $help] pub const $name: Uuid = Uuid::from_u128($value);)*
    };
}

type_ids! {
    ARRAY = 0x51e7a0d2_530b_11d4_b98a_008048da3034, "`Массив`.";
    FIXED_ARRAY = 0x4500381b_db30_4a10_9db4_990038032acf, "`ФиксированныйМассив`.";
    STRUCTURE = 0x4238019d_7e49_4fc9_91db_b6b951d5cf8e, "`Структура`.";
    FIXED_STRUCTURE = 0x3ee983d7_ace7_40f9_bb7e_2e916fcddd56, "`ФиксированнаяСтруктура`.";
    MAP = 0x3d48feae_a9c6_4c5a_a099_9eb6477630c6, "`Соответствие`.";
    FIXED_MAP = 0x220455ea_6c85_4513_996f_bbe79ed07774, "`ФиксированноеСоответствие`.";
    VALUE_LIST = 0x4772b3b4_f4a3_49c0_a1a5_8cb5961511a3, "`СписокЗначений`.";
    VALUE_LIST_ITEM = 0x1e512aab_1b41_4ef6_9375_f0137be9dd91, "`ЭлементСпискаЗначений`.";
    VALUE_TABLE = 0xacf6192e_81ca_46ef_93a6_5a6968b78663, "`ТаблицаЗначений`.";
    VALUE_TREE = 0xe603c0f2_92fb_4d47_8f38_a44a381cf235, "`ДеревоЗначений`.";
    UUID = 0xfc01b5df_97fe_449b_83d4_218a090e681e, "`УникальныйИдентификатор`.";
    BINARY_DATA = 0x87126200_3e98_44e0_b931_ccb1d7edc497, "`ДвоичныеДанные`.";
    VALUE_STORAGE = 0xe199ca70_93cf_46ce_a54b_6edc88c3a296, "`ХранилищеЗначения`.";
    TYPE_DESCRIPTION = 0xf5c65050_3bbb_11d5_b988_0050bae0a95d, "`ОписаниеТипов`.";
    STRING = 0x9b6abf8b_0173_48e5_b0a0_83b21fcf63c5, "`Строка`.";
    NUMBER = 0xb0be78f2_0ee6_4d31_a3bb_77dd32ba5bec, "`Число`.";
    DATE = 0xaae38c48_a877_411c_a6d3_fbaa1f83c4bd, "`Дата`.";
    BOOLEAN = 0x5d4125ad_f6e7_4313_be32_f71d0ab60915, "`Булево`.";
    UNDEFINED = 0xee8d3e7c_f930_4a76_8aad_4ff9083a6ea6, "`Неопределено`.";
    NULL = 0xaf40a278_63bc_478e_91a8_19e0d16b10b5, "`NULL`.";
    TYPE = 0xd47d59f8_73f0_481c_8b5e_f6384c0a4804, "`Тип`.";
    STANDARD_PERIOD = 0x2fdc88ec_7c9b_43cd_8ba5_873f043bdd88, "`СтандартныйПериод`.";
    PICTURE = 0xe6f51714_91cb_4dce_94fe_90ae3e3e1ad1, "`Картинка`.";
    SPREADSHEET_DOCUMENT = 0xe603103e_a318_4edc_a014_b1c6cf94d49f, "`ТабличныйДокумент`.";
    COLOR = 0x9cd510c7_abfc_11d4_9434_004095e12fc7, "`Цвет`.";
    JOB_SCHEDULE = 0x28193e3e_c6a3_4d30_b4e7_9f8ff23b3931, "`РасписаниеРегламентногоЗадания`.";
    COMPOSITION_SETTINGS = 0x3c72ff56_7e04_4385_bc03_92d4bd6c351c, "`НастройкиКомпоновкиДанных`.";
    DESIGN_TIME_REFERENCE = 0x5c14e26f_099b_4d37_84a6_b433d87400da, "A reference set in the designer.";
    METADATA_OBJECT = 0x157fa490_4ce9_11d4_9415_008048da11f9, "`ОбъектМетаданных`.";
}

/// The Russian and the English name of a type of the platform; `None` for a type of a configuration.
pub fn type_name(id: Uuid) -> Option<(&'static str, &'static str)> {
    NAMES.iter().find(|(known, _, _)| *known == id).map(|(_, russian, english)| (*russian, *english))
}

/// The type of that Russian or English name.
pub fn type_by_name(name: &str) -> Option<Uuid> {
    NAMES.iter().find(|(_, russian, english)| *russian == name || *english == name).map(|(id, _, _)| *id)
}

const NAMES: &[(Uuid, &str, &str)] = &[
    (STRING, "Строка", "String"),
    (NUMBER, "Число", "Number"),
    (DATE, "Дата", "Date"),
    (BOOLEAN, "Булево", "Boolean"),
    (UNDEFINED, "Неопределено", "Undefined"),
    (NULL, "Null", "Null"),
    (TYPE, "Тип", "Type"),
    (ARRAY, "Массив", "Array"),
    (FIXED_ARRAY, "ФиксированныйМассив", "FixedArray"),
    (STRUCTURE, "Структура", "Structure"),
    (FIXED_STRUCTURE, "ФиксированнаяСтруктура", "FixedStructure"),
    (MAP, "Соответствие", "Map"),
    (FIXED_MAP, "ФиксированноеСоответствие", "FixedMap"),
    (VALUE_LIST, "СписокЗначений", "ValueList"),
    (VALUE_LIST_ITEM, "ЭлементСпискаЗначений", "ValueListItem"),
    (VALUE_TABLE, "ТаблицаЗначений", "ValueTable"),
    (VALUE_TREE, "ДеревоЗначений", "ValueTree"),
    (UUID, "УникальныйИдентификатор", "UUID"),
    (BINARY_DATA, "ДвоичныеДанные", "BinaryData"),
    (VALUE_STORAGE, "ХранилищеЗначения", "ValueStorage"),
    (TYPE_DESCRIPTION, "ОписаниеТипов", "TypeDescription"),
    (STANDARD_PERIOD, "СтандартныйПериод", "StandardPeriod"),
    (PICTURE, "Картинка", "Picture"),
    (SPREADSHEET_DOCUMENT, "ТабличныйДокумент", "SpreadsheetDocument"),
    (COLOR, "Цвет", "Color"),
    (JOB_SCHEDULE, "РасписаниеРегламентногоЗадания", "JobSchedule"),
    (COMPOSITION_SETTINGS, "НастройкиКомпоновкиДанных", "DataCompositionSettings"),
    (METADATA_OBJECT, "ОбъектМетаданных", "MetadataObject"),
];
